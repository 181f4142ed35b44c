import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node'
import { createMcpHandler, type AuthInfo, type McpServerFactory } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { scope, type Principal } from '../access/scope.ts'
import { verifyToken } from '../access/verify-token.ts'
import { describeError } from '../exit-code.ts'
import { Secret } from '../secret.ts'
import { caller, isAllowedHost, isAllowedOrigin, isLocal, type Caller } from './caller.ts'
import { jsonRpcError, maxMessageBytes, readMessage } from './read-message.ts'
import { mcpServerFactory } from './server.ts'
import type { ToolServices } from './tool-context.ts'

const anonymous: Principal = { name: 'anonymous', scope: 'read' }

const principalSchema = z.object({ name: z.string(), scope })

/**
 * Serves what `makeFactory` offers at `/mcp` and `/mcp/`, and `/healthz`. A new server for every request: two callers share
 * nothing.
 */
export async function serveMcpHttp(
  services: ToolServices & { readonly ownerToken: Secret },
  makeFactory: (...given: Parameters<typeof mcpServerFactory>) => McpServerFactory = mcpServerFactory,
): Promise<HttpServer> {
  const { config, log } = services
  const onerror = (error: Error): void => log({ level: 'warn', error: describeError(error) })
  const mcp = createMcpHandler(
    makeFactory(services, ({ authInfo }) => principalSchema.parse(authInfo?.extra)),
    { onerror },
  )
  const answerMcp = toNodeHandler(mcp, { onerror })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const from = caller(request)
    const refusal = refuseCaller(from, services)
    if (refusal !== null) return sendError(response, 403, refusal)
    if (from.path === '/healthz') return send(response, 200, { ok: true })
    if (from.path !== '/mcp' && from.path !== '/mcp/')
      return send(response, 404, { error: `nothing is at ${from.path.slice(0, 100)}; the tools are at /mcp` })
    const principal = await identify(from, services)
    if (principal === null) return sendUnauthorized(response, from)
    const body = await readBody(request)
    if (body === null) return sendError(response, 413, `a message may have at most ${maxMessageBytes} bytes`)
    const parsed = body === '' ? undefined : readMessage(body)
    if (parsed?.ok === false) return send(response, 400, parsed.error)
    // The token itself goes no further than this.
    const auth: AuthInfo = { token: '', clientId: principal.name, scopes: [principal.scope], extra: { ...principal } }
    // Node's own types say `undefined` where the SDK's leave the property out.
    await answerMcp(Object.assign(request, { auth }) as NodeIncomingMessageLike, response, parsed?.message)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      log({ level: 'error', error: describeError(error) })
      if (response.headersSent) response.destroy()
      else sendError(response, 503, 'the request could not be answered; the log of the MCP server says why')
    })
  })
  server.on('close', () => void mcp.close())
  server.listen(config.MCP_PORT, config.HOST)
  await once(server, 'listening')
  return server
}

function refuseCaller(from: Caller, { config }: ToolServices): string | null {
  if (!isAllowedHost(from, config)) return `the host ${JSON.stringify(from.host)} is not one that this server answers to`
  if (!isAllowedOrigin(from, config)) return `a page of ${JSON.stringify(from.origin)} may not call this server`
  return null
}

/** A token says who calls; without one only this machine may, and only read. Null: not to be served. */
async function identify(from: Caller, services: ToolServices & { readonly ownerToken: Secret }): Promise<Principal | null> {
  if (from.token === null) return isLocal(from) ? anonymous : null
  return verifyToken({ database: services.pool, ownerToken: services.ownerToken, token: new Secret(from.token), now: Date.now() })
}

/** The body as text; null where it is longer than a message may be. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxMessageBytes) return null
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    // no encoding is set
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > maxMessageBytes) return null
  }
  return Buffer.concat(chunks).toString('utf8')
}

function sendUnauthorized(response: ServerResponse, { token }: Caller): void {
  response.setHeader('WWW-Authenticate', token === null ? 'Bearer' : 'Bearer error="invalid_token"')
  sendError(
    response,
    401,
    token === null
      ? 'a call from another machine, or to another name than localhost, needs a token'
      : 'the token is unknown, expired or revoked',
  )
}

function sendError(response: ServerResponse, status: number, message: string): void {
  send(response, status, jsonRpcError({ code: -32_000, message }))
}

function send(response: ServerResponse, status: number, body: object): void {
  // What was not read of a refused request must not be taken for the next one.
  if (status >= 400) response.setHeader('Connection', 'close')
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
