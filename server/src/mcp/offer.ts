import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type CompleteRequestParams,
  type CompleteResult,
  type GetPromptRequestParams,
  type GetPromptResult,
  type ReadResourceResult,
} from '@modelcontextprotocol/server'
import type { Catalogue, ServedTool } from './catalogue.ts'
import type { AttachedResource } from './prompt.ts'
import type { Reading, Resource } from './resource.ts'
import type { ToolContext } from './tool.ts'

/** Most that one completion may answer, by the protocol. */
const mostCompletions = 100

/** A catalogue ready to serve: the lists are made once, names are looked up. */
export function createOffer(catalogue: Catalogue) {
  const tools = new Map(catalogue.tools.map((tool) => [tool.listing.name, tool]))
  const prompts = new Map(catalogue.prompts.map((prompt) => [prompt.name, prompt]))
  const [templates, resources] = [catalogue.resources.filter(isTemplate), catalogue.resources.filter((each) => !isTemplate(each))]

  const read = async (context: ToolContext, uri: string): Promise<Reading<ReadResourceResult['contents']>> => {
    for (const resource of catalogue.resources) {
      const reading = await resource.read(context, uri)
      if (reading !== null) return reading
    }
    throw new ResourceNotFoundError(uri.slice(0, 200))
  }

  const attach = async (context: ToolContext, uri: string): Promise<AttachedResource> => {
    const [content] = (await read(context, uri)).content
    if (content === undefined || !('text' in content)) throw new Error(`${uri} holds no text to attach to a prompt`)
    return { uri: content.uri, mimeType: content.mimeType ?? 'text/plain', text: content.text }
  }

  const completers = ({ ref }: CompleteRequestParams) => {
    if (ref.type === 'ref/prompt') return required(prompts.get(ref.name), `there is no prompt ${ref.name.slice(0, 64)}`).complete
    const resource = catalogue.resources.find(({ uri }) => uri === ref.uri)
    return required(resource, `there is no resource ${ref.uri.slice(0, 200)}`).complete
  }

  return {
    tools: { tools: catalogue.tools.map(({ listing }) => listing) },
    resources: { resources: resources.map(listedResource) },
    templates: { resourceTemplates: templates.map(listedTemplate) },
    prompts: {
      prompts: catalogue.prompts.map(({ name, title, description, arguments: given }) => ({
        name,
        title,
        description,
        arguments: [...given],
      })),
    },

    tool: (name: string): ServedTool => required(tools.get(name), `there is no tool ${name.slice(0, 64)}`),

    async read(context: ToolContext, uri: string): Promise<ReadResourceResult> {
      const { content, ttlMs } = await read(context, uri)
      return { contents: content, ttlMs, cacheScope: 'private' }
    },

    async prompt(context: ToolContext, { name, arguments: given = {} }: GetPromptRequestParams): Promise<GetPromptResult> {
      const prompt = required(prompts.get(name), `there is no prompt ${name.slice(0, 64)}`)
      return { description: prompt.description, messages: await prompt.get(given, (uri) => attach(context, uri)) }
    },

    async complete(context: ToolContext, params: CompleteRequestParams): Promise<CompleteResult> {
      const { name, value } = params.argument
      const found = (await completers(params)[name]?.(context, value)) ?? []
      const values = found.slice(0, mostCompletions)
      return { completion: { values, total: found.length, hasMore: found.length > values.length } }
    },
  }
}

function isTemplate({ uri }: Resource): boolean {
  return uri.includes('{')
}

function listedResource({ uri, name, title, description, mimeType }: Resource) {
  return { uri, name, title, description, mimeType }
}

function listedTemplate({ uri: uriTemplate, name, title, description, mimeType }: Resource) {
  return { uriTemplate, name, title, description, mimeType }
}

function required<Value>(value: Value | undefined, problem: string): Value {
  if (value !== undefined) return value
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, problem)
}
