import { randomUUID } from 'node:crypto'
import { ProtocolError, ProtocolErrorCode, Server, type McpServerFactory } from '@modelcontextprotocol/server'
import type { Principal } from '../access/scope.ts'
import { attempt } from './attempt.ts'
import { catalogue as ours, type Catalogue } from './catalogue.ts'
import { createOffer } from './offer.ts'
import { createToolContext, type ToolServices } from './tool-context.ts'
import { Refusal, type ToolContext } from './tool.ts'

const version = '0.1.0'

const instructions =
  'Tools, resources and prompts of a crypto trading stack. Money is decimal text, times are milliseconds since 1970, products are written BTC-USD. ' +
  'Start with get_portfolio_status and list_decisions; a refused call says its code and what to do.'

/** Lists change with the program alone, so a client may keep them for an hour. */
const listHint = { ttlMs: 3_600_000, cacheScope: 'public' } as const
const cacheHints = {
  'tools/list': listHint,
  'prompts/list': listHint,
  'resources/list': listHint,
  'resources/templates/list': listHint,
}

/** Makes the server of one request (HTTP) or one connection (stdio): nothing is shared between two callers. */
export function mcpServerFactory(
  services: ToolServices,
  principalOf: (caller: Parameters<McpServerFactory>[0]) => Principal,
  catalogue: Catalogue = ours,
): McpServerFactory {
  const offer = createOffer(catalogue)
  return (caller) => {
    const principal = principalOf(caller)
    const server = new Server(
      { name: 'durable-crypto-agents', title: 'Durable crypto agents', version },
      { capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} }, instructions, cacheHints },
    )
    /** What is no tool call is refused by a protocol error: it has no other place for a code. */
    const answering = async <Result>(name: string, work: (context: ToolContext) => Promise<Result>): Promise<Result> => {
      const context = createToolContext(services, { principal, correlationId: randomUUID() })
      const answer = await attempt(services, { context, name }, () => work(context))
      if (!(answer instanceof Refusal)) return answer
      throw protocolError(answer)
    }

    server.setRequestHandler('tools/list', () => offer.tools)
    server.setRequestHandler('tools/call', async ({ params }, mcp) => {
      const tool = offer.tool(params.name)
      const result = await tool.call(services, { principal, args: params.arguments, mcp })
      return server.projectCallToolResult(result, tool.listing.outputSchema)
    })
    server.setRequestHandler('resources/list', () => offer.resources)
    server.setRequestHandler('resources/templates/list', () => offer.templates)
    server.setRequestHandler('resources/read', ({ params: { uri } }) => answering('resources/read', (context) => offer.read(context, uri)))
    server.setRequestHandler('prompts/list', () => offer.prompts)
    server.setRequestHandler('prompts/get', ({ params }) => answering('prompts/get', (context) => offer.prompt(context, params)))
    server.setRequestHandler('completion/complete', ({ params }) =>
      answering('completion/complete', (context) => offer.complete(context, params)),
    )
    return server
  }
}

const callersFault = new Set<string>(['NOT_FOUND', 'NO_RUN', 'INVALID_ARGUMENTS'])

function protocolError({ code, message, details }: Refusal): ProtocolError {
  const number = callersFault.has(code) ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
  return new ProtocolError(number, `${code}: ${message}`, { code, ...details })
}
