import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import type { Catalogue, ServedTool } from '@trader/server/mcp/catalogue'
import type { Prompt } from '@trader/server/mcp/prompt'
import type { Resource } from '@trader/server/mcp/resource'
import { uriMatcher } from '@trader/server/mcp/uri-template'
import { elicitations, type Elicitation } from './elicitations.ts'

// What the conformance suite wants to find, by the names it asks for. Served by our factory beside nothing of ours.

/** One red pixel, and a WAV of no sample. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA='
const image = { type: 'image' as const, data: png, mimeType: 'image/png' }
const text = (words: string) => ({ type: 'text' as const, text: words })
/** For a client that answers at once, or never where no session leads its answer back. */
const patience = { timeout: 2000 }
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

type Content = CallToolResult['content']
type Work = (mcp: ServerContext, args: Readonly<Record<string, string>>) => Content | Promise<Content>

const noArguments = { type: 'object' as const, properties: {}, additionalProperties: false }
const oneText = (name: string) => ({ type: 'object' as const, properties: { [name]: { type: 'string' } }, required: [name] })

function tool(name: string, work: Work, inputSchema: ServedTool['listing']['inputSchema'] = noArguments): ServedTool {
  return {
    listing: { name, description: `The suite's ${name}.`, inputSchema },
    async call(_services, { args, mcp }) {
      return { content: await work(mcp, (args ?? {}) as Record<string, string>) } // the suite's own arguments
    },
  }
}

const sampling: Work = async (mcp, { prompt = '' }) => {
  const answer = await mcp.mcpReq.requestSampling({ messages: [{ role: 'user', content: text(prompt) }], maxTokens: 100 }, patience)
  const said = Array.isArray(answer.content) ? answer.content[0] : answer.content
  return [text(`LLM response: ${said?.type === 'text' ? said.text : ''}`)]
}

const progress: Work = async ({ mcpReq }) => {
  const { _meta: meta } = mcpReq
  const progressToken = meta?.progressToken
  for (const done of [0, 50, 100]) {
    if (progressToken !== undefined) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: done, total: 100 } })
    }
    await wait(50)
  }
  return [text('done')]
}

const logging: Work = async ({ mcpReq }) => {
  for (const message of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
    await mcpReq.log('info', message)
    await wait(50)
  }
  return [text('done')]
}

/** Closes its stream in the middle: the client comes back with the id of the last event it saw. */
const reconnection: Work = async ({ http }) => {
  await wait(100)
  http?.closeSSE?.()
  await wait(300)
  return [text('answered after the reconnection')]
}

const elicits = ({ message, requestedSchema, prefix }: Elicitation): Work => {
  return async ({ mcpReq }, args) => {
    const { action, content } = await mcpReq.elicitInput({ message: args['message'] ?? message, requestedSchema }, patience)
    return [text(`${prefix}: action=${action}, content=${JSON.stringify(content)}`)]
  }
}

const tools: readonly ServedTool[] = [
  tool('test_simple_text', () => [text('This is a simple text response for testing.')]),
  tool('test_image_content', () => [image]),
  tool('test_audio_content', () => [{ type: 'audio', data: wav, mimeType: 'audio/wav' }]),
  tool('test_embedded_resource', () => [
    {
      type: 'resource',
      resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' },
    },
  ]),
  tool('test_multiple_content_types', () => [
    text('Multiple content types test:'),
    image,
    {
      type: 'resource',
      resource: { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: '{"test":"data","value":123}' },
    },
  ]),
  tool('test_tool_with_logging', logging),
  {
    listing: { name: 'test_error_handling', description: "The suite's test_error_handling.", inputSchema: noArguments },
    call: () => Promise.resolve({ isError: true, content: [text('This tool intentionally returns an error for testing')] }),
  },
  tool('test_tool_with_progress', progress),
  tool('test_sampling', sampling, oneText('prompt')),
  tool('test_elicitation', elicits(elicitations.person), oneText('message')),
  tool('test_elicitation_sep1034_defaults', elicits(elicitations.defaults)),
  tool('test_elicitation_sep1330_enums', elicits(elicitations.enums)),
  tool('test_reconnection', reconnection),
  tool('json_schema_2020_12_tool', () => [text('ok')], {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
    properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
    additionalProperties: false,
  }),
]

function resource(
  uri: string,
  mimeType: string,
  contentOf: (values: Readonly<Record<string, string>>) => { text: string } | { blob: string },
): Resource {
  const match = uriMatcher(uri)
  const name = uri.replace('test://', '')
  return {
    uri,
    name,
    title: name,
    description: `The suite's ${name}.`,
    mimeType,
    complete: {},
    read(_context, asked) {
      const values = match(asked)
      return Promise.resolve(values === null ? null : { ttlMs: 0, content: [{ uri: asked, mimeType, ...contentOf(values) }] })
    },
  }
}

const resources: readonly Resource[] = [
  resource('test://static-text', 'text/plain', () => ({ text: 'This is the content of the static text resource.' })),
  resource('test://static-binary', 'image/png', () => ({ blob: png })),
  resource('test://watched-resource', 'text/plain', () => ({ text: 'watched' })),
  resource('test://template/{id}/data', 'application/json', ({ id }) => ({
    text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
  })),
]

type Messages = Awaited<ReturnType<Prompt['get']>>

function prompt(name: string, given: readonly string[], messages: (given: Readonly<Record<string, string>>) => Messages): Prompt {
  return {
    name,
    title: name,
    description: `The suite's ${name}.`,
    arguments: given.map((argument) => ({ name: argument, description: argument, required: true })),
    complete: Object.fromEntries(given.map((argument) => [argument, () => Promise.resolve(['paris', 'park', 'party'])])),
    get: (values) => Promise.resolve(messages(values)),
  }
}

const user = <Content>(content: Content) => ({ role: 'user' as const, content })

const prompts: readonly Prompt[] = [
  prompt('test_simple_prompt', [], () => [user(text('This is a simple prompt for testing.'))]),
  prompt('test_prompt_with_arguments', ['arg1', 'arg2'], ({ arg1, arg2 }) => [
    user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  ]),
  prompt('test_prompt_with_embedded_resource', ['resourceUri'], ({ resourceUri = '' }) => [
    user({
      type: 'resource' as const,
      resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
    }),
    user(text('Please process the embedded resource above.')),
  ]),
  prompt('test_prompt_with_image', [], () => [user(image), user(text('Please analyze the image above.'))]),
]

export const fixtures: Catalogue = { tools, resources, prompts }
