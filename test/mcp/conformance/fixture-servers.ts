import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { localhostHostValidation, localhostOriginValidation, NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node'
import { isInitializeRequest, Server, type EventStore, type JSONRPCMessage, type McpServerFactory } from '@modelcontextprotocol/server'
import { mcpServerFactory } from '@trader/server/mcp/server'
import type { ToolServices } from '@trader/server/mcp/tool-context'
import { fixtures } from './fixtures.ts'

/** Our factory, with the suite's fixtures, and the two things that the suite asks for and we do not offer: log levels and subscriptions. */
export function fixtureFactory(...[services, principalOf]: Parameters<typeof mcpServerFactory>): McpServerFactory {
  const factory = mcpServerFactory(services, principalOf, fixtures)
  return async (caller) => {
    const server = await factory(caller)
    if (!(server instanceof Server)) throw new Error('our factory makes plain servers')
    server.registerCapabilities({ logging: {}, resources: { subscribe: true } })
    server.setRequestHandler('resources/subscribe', () => ({}))
    server.setRequestHandler('resources/unsubscribe', () => ({}))
    return server
  }
}

/**
 * The same factory behind the SDK's transport that keeps sessions, as a program of before 2026-07-28 would mount it: one server
 * and one transport per session. What asks the client back in the middle of a call needs it.
 */
export async function serveSessions(services: ToolServices): Promise<{ url: string; stop: () => Promise<void> }> {
  const factory = fixtureFactory(services, () => ({ name: 'suite', scope: 'read' }))
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>()
  const guards = [localhostHostValidation(), localhostOriginValidation()]

  const open = async (): Promise<NodeStreamableHTTPServerTransport> => {
    const transport: NodeStreamableHTTPServerTransport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: rememberEvents(),
      retryInterval: 50,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    })
    const server = await factory({ era: 'legacy' })
    await server.connect(transport)
    return transport
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!guards.every((isAllowed) => isAllowed(request, response))) return
    const body = request.method === 'POST' ? await json(request) : undefined
    const known = sessions.get(String(request.headers['mcp-session-id']))
    const transport = known ?? (isInitializeRequest(body) ? await open() : undefined)
    if (transport === undefined) return void response.writeHead(404).end()
    await transport.handleRequest(request, response, body)
  }

  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const stop = async (): Promise<void> => {
    await Promise.all([...sessions.values()].map((transport) => transport.close()))
    http.close()
    http.closeAllConnections()
  }
  return { url: `http://localhost:${address.port}/mcp`, stop }
}

/** Events of a session's streams, so that a client may come back for what it missed. */
function rememberEvents(): EventStore {
  const events: { id: string; streamId: string; message: JSONRPCMessage }[] = []
  return {
    storeEvent(streamId, message) {
      const id = String(events.length + 1)
      events.push({ id, streamId, message })
      return Promise.resolve(id)
    },
    getStreamIdForEventId: (id) => Promise.resolve(events.find((event) => event.id === id)?.streamId),
    async replayEventsAfter(lastId, { send }) {
      const last = events.find(({ id }) => id === lastId)
      if (last === undefined) throw new Error(`there is no event ${lastId}`)
      const missed = events.filter(({ id, streamId }) => Number(id) > Number(lastId) && streamId === last.streamId)
      for (const { id, message } of missed) await send(id, message)
      return last.streamId
    },
  }
}
