import { z } from 'zod'
import { type ModelDecision, modelDecision, type ProductDecision } from '../contract/decision.ts'
import { cleanText } from './clean-text.ts'
import { proposalConflict } from './proposal-conflict.ts'

/** Longest reply that is looked at, in characters. Twenty full proposals need about half of it. */
export const maxReplyLength = 65_536

export const invalidReply = z.enum(['EMPTY', 'TOO_LONG', 'NOT_ONE_OBJECT', 'SCHEMA', 'UNKNOWN_PRODUCT', 'DUPLICATE_PRODUCT', 'CONFLICT'])
export type InvalidReply = z.infer<typeof invalidReply>

export type ParsedDecision =
  | { readonly ok: true; readonly value: ModelDecision }
  | { readonly ok: false; readonly reason: InvalidReply; readonly detail: string }

/**
 * A model's reply as a decision over `products`. The reply must be one JSON object, alone or alone in one code fence: an object
 * picked out of prose could be a quotation. Products left out are HOLD. Never throws.
 */
export function parseDecision(text: string, products: readonly string[]): ParsedDecision {
  if (text.length > maxReplyLength)
    return invalid('TOO_LONG', `the reply has ${text.length} characters; at most ${maxReplyLength} are read`)
  const body = withoutFence(text.trim())
  if (body === '') return invalid('EMPTY', 'the reply has no text')
  const json = parseObject(body)
  if (!json.ok) return json
  const parsed = modelDecision.safeParse(json.value)
  if (!parsed.success) return invalid('SCHEMA', describeIssues(parsed.error))
  const value = cleaned(parsed.data)
  return firstFault(value.decisions, products) ?? { ok: true, value }
}

function firstFault(decisions: readonly ProductDecision[], products: readonly string[]): ParsedDecision | null {
  for (const [index, proposal] of decisions.entries()) {
    if (!products.includes(proposal.product)) {
      return invalid('UNKNOWN_PRODUCT', `${proposal.product} was not asked for; decide on ${products.join(', ')}`)
    }
    if (decisions.findIndex((other) => other.product === proposal.product) !== index) {
      return invalid('DUPLICATE_PRODUCT', `${proposal.product} is decided twice`)
    }
    const conflict = proposalConflict(proposal)
    if (conflict !== null) return invalid('CONFLICT', `${proposal.product}: ${conflict}`)
  }
  return null
}

function withoutFence(text: string): string {
  return /^```(?:json)?[ \t]*\n([^`]*)\n?```$/.exec(text)?.[1]?.trim() ?? text
}

function parseObject(body: string): { ok: true; value: object } | (ParsedDecision & { ok: false }) {
  const detail = `the reply must be one JSON object and nothing else, began "${cleanText(body, 40)}"`
  if (!body.startsWith('{')) return invalid('NOT_ONE_OBJECT', detail)
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null) return { ok: true, value }
    return invalid('NOT_ONE_OBJECT', detail)
  } catch {
    // The engine's message differs between versions of Node; a replayed decision must not.
    return invalid(
      'NOT_ONE_OBJECT',
      `the reply is not one valid JSON object; its ${body.length} characters end in "${cleanText(body.slice(-40), 40)}"`,
    )
  }
}

function describeIssues(error: z.ZodError): string {
  const shown = error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'reply'}: ${issue.message}`)
  return cleanText(shown.join('; '), 500)
}

/** A model's words are shown in terminals and pages: they may hold no character that steers one. */
function cleaned(decision: ModelDecision): ModelDecision {
  const decisions = decision.decisions.map((proposal) =>
    Object.assign({}, proposal, {
      reasoning: cleanText(proposal.reasoning, 2000),
      evidence: proposal.evidence.map((line) => cleanText(line, 300)),
    }),
  )
  return { decisions, summary: cleanText(decision.summary, 2000) }
}

function invalid(reason: InvalidReply, detail: string): { ok: false; reason: InvalidReply; detail: string } {
  return { ok: false, reason, detail }
}
