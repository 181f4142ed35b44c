import { ProtocolError, ProtocolErrorCode, Server, type McpServerFactory } from '@modelcontextprotocol/server'
import type { Principal } from '../access/scope.ts'
import { callTool } from './call-tool.ts'
import type { ToolServices } from './tool-context.ts'
import type { Tool } from './tool.ts'
import { tools } from './tools/index.ts'

const version = '0.1.0'

const instructions =
  'Tools of a crypto trading stack. Money is decimal text, times are milliseconds since 1970, products are written BTC-USD. ' +
  'Start with get_portfolio_status and list_decisions; a refused call says its code and what to do.'

const byName = new Map(tools.map((tool) => [tool.name, tool]))
const listed = tools.map(listing)

/** Makes the server of one request (HTTP) or one connection (stdio): nothing is shared between two callers. */
export function mcpServerFactory(
  services: ToolServices,
  principalOf: (caller: Parameters<McpServerFactory>[0]) => Principal,
): McpServerFactory {
  return (caller) => {
    const principal = principalOf(caller)
    const server = new Server(
      { name: 'durable-crypto-agents', title: 'Durable crypto agents', version },
      { capabilities: { tools: {} }, instructions },
    )
    server.setRequestHandler('tools/list', () => ({ tools: listed }))
    server.setRequestHandler('tools/call', async ({ params }) => {
      const tool = byName.get(params.name)
      if (tool === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool ${params.name.slice(0, 64)}`)
      const result = await callTool(services, { tool, principal, args: params.arguments })
      return server.projectCallToolResult(result, tool.outputSchema)
    })
    return server
  }
}

function listing({ name, title, description, inputSchema, outputSchema, hints, scope, primitive }: Tool) {
  return {
    name,
    title,
    description,
    // JSON Schema of a strict zod object: `type: object` at the root, which the SDK's type wants to see.
    inputSchema: { ...inputSchema, type: 'object' as const },
    outputSchema: { ...outputSchema, type: 'object' as const },
    annotations: {
      title,
      readOnlyHint: hints.readOnly,
      destructiveHint: hints.destructive,
      idempotentHint: hints.idempotent,
      openWorldHint: hints.openWorld,
    },
    _meta: { scope, primitive },
  }
}
