import type { ReadResourceResult } from '@modelcontextprotocol/server'
import { describeIssues } from '@trader/core/contract/describe-issues'
import type { z } from 'zod'
import { markOutsideText, outsideNotice } from './outside-text.ts'
import { ToolFailure } from './tool-failure.ts'
import type { ToolContext } from './tool.ts'
import { uriMatcher } from './uri-template.ts'

/** What a resource answers, and for how long a caller may take it for the present. */
export interface Reading<Content> {
  readonly content: Content
  readonly ttlMs: number
}

/** What a user may mean by the beginning of a value, best first. */
export type Completer = (context: ToolContext, start: string) => Promise<readonly string[]>

interface Described {
  /** A URI, or an RFC 6570 template such as `trader://fills/{day}`. */
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly description: string
}

export interface ResourceDefinition<Variables extends z.ZodObject, Content> extends Described {
  readonly variables: Variables
  readonly complete?: Readonly<Partial<Record<keyof z.output<Variables> & string, Completer>>>
  /** Null: there is nothing of that name. */
  read(context: ToolContext, variables: z.output<Variables>): Promise<Reading<Content> | null>
}

type Contents = ReadResourceResult['contents']

/** A resource with its types closed over. */
export interface Resource extends Described {
  readonly mimeType: string
  readonly complete: Readonly<Record<string, Completer>>
  /** What stands at a URI; null where it is not one of this resource, or nothing is there. */
  read(context: ToolContext, uri: string): Promise<Reading<Contents> | null>
}

/** Milliseconds for which a state may be taken for the present: shorter than a look at a screen. */
export const stateTtlMs = 2000
/** ... and what never changes any more. */
export const settledTtlMs = 86_400_000

/** A resource of facts as JSON. Outside text in it is marked as such. */
export function defineJsonResource<Variables extends z.ZodObject>(definition: ResourceDefinition<Variables, object>): Resource {
  return closed(definition, 'application/json', (content) => {
    const marked = JSON.stringify(markOutsideText(content))
    return marked.includes('"outside_text":') ? `{"notice":${JSON.stringify(outsideNotice)},${marked.slice(1)}` : marked
  })
}

/** A resource of text that we wrote ourselves. */
export function defineTextResource<Variables extends z.ZodObject>(
  definition: ResourceDefinition<Variables, string> & { readonly mimeType: string },
): Resource {
  return closed(definition, definition.mimeType, (content) => content)
}

function closed<Variables extends z.ZodObject, Content>(
  definition: ResourceDefinition<Variables, Content>,
  mimeType: string,
  textOf: (content: Content) => string,
): Resource {
  const { uri: template, name, title, description, variables } = definition
  const match = uriMatcher(template)
  return {
    uri: template,
    name,
    title,
    description,
    mimeType,
    complete: (definition.complete ?? {}) as Record<string, Completer>, // a Partial over the variables' names
    async read(context, uri) {
      const given = match(uri)
      if (given === null) return null
      const parsed = variables.safeParse(given)
      if (!parsed.success)
        throw new ToolFailure('INVALID_ARGUMENTS', `${template}: ${describeIssues(parsed.error.issues, { input: given })}`)
      const reading = await definition.read(context, parsed.data)
      return reading === null ? null : { ttlMs: reading.ttlMs, content: [{ uri, mimeType, text: textOf(reading.content) }] }
    },
  }
}
