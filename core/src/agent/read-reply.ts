import { z } from 'zod'
import { cleanText } from './clean-text.ts'

/** Longest reply that is looked at, in characters. Twenty full proposals need about half of it. */
export const maxReplyLength = 65_536

export const unreadableReply = z.enum(['EMPTY', 'TOO_LONG', 'NOT_ONE_OBJECT', 'SCHEMA'])
type UnreadableReply = z.infer<typeof unreadableReply>

export type ReadReply<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: UnreadableReply; readonly detail: string }

/**
 * A model's reply as a value of `schema`. The reply must be one JSON object, alone or alone in one code fence: an object picked out of
 * prose could be a quotation. Never throws.
 */
export function readReply<Value>(text: string, schema: z.ZodType<Value>): ReadReply<Value> {
  if (text.length > maxReplyLength)
    return invalid('TOO_LONG', `the reply has ${text.length} characters; at most ${maxReplyLength} are read`)
  const body = withoutFence(text.trim())
  if (body === '') return invalid('EMPTY', 'the reply has no text')
  const json = parseObject(body)
  if (!json.ok) return json
  const parsed = schema.safeParse(json.value)
  return parsed.success ? { ok: true, value: parsed.data } : invalid('SCHEMA', describeIssues(parsed.error))
}

function withoutFence(text: string): string {
  return /^```(?:json)?[ \t]*\n([^`]*)\n?```$/.exec(text)?.[1]?.trim() ?? text
}

function parseObject(body: string): ReadReply<object> {
  const detail = `the reply must be one JSON object and nothing else, began "${quoted(body.slice(0, 200))}"`
  if (!body.startsWith('{')) return invalid('NOT_ONE_OBJECT', detail)
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null) return { ok: true, value }
    return invalid('NOT_ONE_OBJECT', detail)
  } catch {
    // The engine's message differs between versions of Node; a replayed decision must not.
    return invalid(
      'NOT_ONE_OBJECT',
      `the reply is not one valid JSON object; its ${body.length} characters end in "${quoted(body.slice(-40))}"`,
    )
  }
}

function describeIssues(error: z.ZodError): string {
  const shown = error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'reply'}: ${issue.message}`)
  return oneLine(cleanText(shown.join('; '), 500))
}

/** A piece of the reply inside a sentence of ours. */
function quoted(text: string): string {
  return oneLine(cleanText(text, 40))
}

/** A line feed would let a reply write lines of its own into a list or a log. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

function invalid(reason: UnreadableReply, detail: string): { ok: false; reason: UnreadableReply; detail: string } {
  return { ok: false, reason, detail }
}
