import { expect, it } from 'vitest'
import type { Tool } from './tool.ts'
import { tools } from './tools/index.ts'

/** The page of all tools is made from their definitions; `vitest run --project quick -u` writes it anew. */
it('docs/tools.md says what the tools are', async () => {
  await expect(document(tools)).toMatchFileSnapshot('../../../docs/tools.md')
})

function document(all: readonly Tool[]): string {
  const head = `# Tools

One list serves the MCP server, \`trader tool list|call\` and the agents. Each is one file in \`server/src/mcp/tools\`; this page is made from them by a test.

| tool | scope | behind it | what it does |
| --- | --- | --- | --- |
`
  const rows = all.map((tool) => `| \`${tool.name}\` | ${tool.scope} | ${tool.primitive} | ${tool.description.replaceAll('|', '\\|')} |`)
  return `${head}${rows.join('\n')}\n\n## Arguments\n\n${all.map(argumentsOf).join('\n')}`
}

function argumentsOf(tool: Tool): string {
  const schema = tool.inputSchema as { properties?: Record<string, { description?: string; type?: string }>; required?: string[] } // made by zod from a strict object
  const names = Object.entries(schema.properties ?? {})
  const lines = names.map(([name, { description, type }]) => {
    const needed = schema.required?.includes(name) ? '' : ', optional'
    return `- \`${name}\` (${type ?? 'see the schema'}${needed})${description === undefined ? '' : `: ${description}`}`
  })
  return `### ${tool.name}\n\n${lines.length === 0 ? 'None.' : lines.join('\n')}\n`
}
