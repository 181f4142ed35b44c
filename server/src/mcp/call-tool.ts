import { randomUUID } from 'node:crypto'
import type { CallToolResult } from '@modelcontextprotocol/server'
import { covers, type Principal } from '../access/scope.ts'
import { attempt } from './attempt.ts'
import { Refusal, type Tool } from './tool.ts'
import { createToolContext, type ToolServices } from './tool-context.ts'

/** Runs a tool for a caller and answers in MCP's form. Nothing it throws reaches the caller but as a code and a sentence. */
export async function callTool(
  services: ToolServices,
  options: { tool: Tool; principal: Principal; args: unknown },
): Promise<CallToolResult> {
  const correlationId = randomUUID()
  const context = createToolContext(services, { principal: options.principal, correlationId })
  const { tool, args } = options
  const answer = refusedByScope(options) ?? (await attempt(services, { context, name: tool.name }, () => tool.call(context, args ?? {})))
  const meta = { correlation_id: correlationId }
  if (answer instanceof Refusal) {
    const { code, message, details } = answer
    return { isError: true, content: [{ type: 'text', text: JSON.stringify({ code, message, ...details }) }], _meta: { ...meta, code } }
  }
  return { structuredContent: answer, content: [{ type: 'text', text: JSON.stringify(answer) }], _meta: meta }
}

function refusedByScope({ tool, principal }: { tool: Tool; principal: Principal }): Refusal | null {
  if (covers(principal.scope, tool.scope)) return null
  const how = `\`trader token create --scope ${tool.scope}\` makes one; send it as "Authorization: Bearer <token>" (over stdio: start \`trader mcp --stdio --scope ${tool.scope}\`)`
  return new Refusal('SCOPE_REQUIRED', `${tool.name} needs a token of scope ${tool.scope}, this caller has ${principal.scope}; ${how}`, {
    needed: tool.scope,
    held: principal.scope,
  })
}
