import { z } from 'zod'
import { type ModelDecision, modelDecision, type ProductDecision } from '../contract/decision.ts'
import { cleanText } from './clean-text.ts'
import { proposalConflict } from './proposal-conflict.ts'
import { readReply, unreadableReply } from './read-reply.ts'

export const invalidReply = z.enum([...unreadableReply.options, 'UNKNOWN_PRODUCT', 'DUPLICATE_PRODUCT', 'CONFLICT'])
export type InvalidReply = z.infer<typeof invalidReply>

export type ParsedDecision =
  | { readonly ok: true; readonly value: ModelDecision }
  | { readonly ok: false; readonly reason: InvalidReply; readonly detail: string }

/** A model's reply as a decision over `products`. Products left out are HOLD. Never throws. */
export function parseDecision(text: string, products: readonly string[]): ParsedDecision {
  const reply = readReply(text, modelDecision)
  if (!reply.ok) return reply
  const value = cleaned(reply.value)
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
