import type { CallToolResult, ListToolsResult, ServerContext } from '@modelcontextprotocol/server'
import type { Principal } from '../access/scope.ts'
import { callTool } from './call-tool.ts'
import type { Prompt } from './prompt.ts'
import { prompts } from './prompts/index.ts'
import type { Resource } from './resource.ts'
import { resources } from './resources/index.ts'
import type { ToolServices } from './tool-context.ts'
import type { Tool } from './tool.ts'
import { tools } from './tools/index.ts'

/** Everything that a server offers. */
export interface Catalogue {
  readonly tools: readonly ServedTool[]
  readonly resources: readonly Resource[]
  readonly prompts: readonly Prompt[]
}

/** A tool in MCP's form. */
export interface ServedTool {
  readonly listing: ListToolsResult['tools'][number]
  call(services: ToolServices, request: { principal: Principal; args: unknown; mcp: ServerContext }): Promise<CallToolResult>
}

export const catalogue: Catalogue = { tools: tools.map(served), resources, prompts }

function served(tool: Tool): ServedTool {
  return { listing: listing(tool), call: (services, { principal, args }) => callTool(services, { tool, principal, args }) }
}

function listing({ name, title, description, inputSchema, outputSchema, hints, scope, primitive }: Tool): ServedTool['listing'] {
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
