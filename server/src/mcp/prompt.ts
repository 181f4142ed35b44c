import type { GetPromptResult } from '@modelcontextprotocol/server'
import { describeIssues } from '@trader/core/contract/describe-issues'
import { z } from 'zod'
import { outsideNotice } from './outside-text.ts'
import type { Completer } from './resource.ts'
import { ToolFailure } from './tool-failure.ts'

/** Reads one of our own resources, to attach it to a prompt. */
export type ReadAttachment = (uri: string) => Promise<AttachedResource>

type Messages = GetPromptResult['messages']
export interface AttachedResource {
  readonly uri: string
  readonly mimeType: string
  readonly text: string
}

export interface PromptDefinition<Arguments extends z.ZodObject> {
  /** snake_case */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly arguments: Arguments
  readonly complete?: Readonly<Partial<Record<keyof z.output<Arguments> & string, Completer>>>
  /** What is asked of the model, and the resources that it needs for it. */
  write(given: z.output<Arguments>): { readonly ask: string; readonly attach: readonly string[] }
}

/** A prompt with its types closed over. */
export interface Prompt {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly arguments: readonly { readonly name: string; readonly description: string; readonly required: boolean }[]
  readonly complete: Readonly<Record<string, Completer>>
  get(given: Readonly<Record<string, string>>, read: ReadAttachment): Promise<Messages>
}

/** Prompts ask a user's model to do something with our facts: the ask is our own text, the facts are attached as what they are. */
export function definePrompt<Arguments extends z.ZodObject>(definition: PromptDefinition<Arguments>): Prompt {
  const { name, title, description } = definition
  return {
    name,
    title,
    description,
    arguments: Object.entries(definition.arguments.shape).map(([argument, schema]) => describeArgument(argument, schema as z.ZodType)), // a shape holds schemas
    complete: (definition.complete ?? {}) as Record<string, Completer>, // a Partial over the arguments' names
    async get(given, read) {
      const parsed = definition.arguments.safeParse(given)
      if (!parsed.success) throw new ToolFailure('INVALID_ARGUMENTS', `${name}: ${describeIssues(parsed.error.issues, { input: given })}`)
      const { ask, attach } = definition.write(parsed.data)
      const attached = await Promise.all(attach.map(read))
      const notice = attached.length === 0 ? '' : `\n\nThe records of the trading stack are attached. ${outsideNotice}`
      return [
        { role: 'user', content: { type: 'text', text: `${ask}${notice}` } },
        ...attached.map((resource) => ({ role: 'user' as const, content: { type: 'resource' as const, resource: { ...resource } } })),
      ]
    },
  }
}

function describeArgument(name: string, schema: z.ZodType): { name: string; description: string; required: boolean } {
  return { name, description: schema.description ?? '', required: !schema.safeParse(undefined).success }
}
