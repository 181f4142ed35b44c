import { z } from 'zod'
import { cleanText } from '../../agent/clean-text.ts'
import { readReply, unreadableReply } from '../../agent/read-reply.ts'
import { type DecisionAnalysis, decisionReview, score } from '../../contract/evaluation.ts'
import type { AnalysisInput } from './analysis-input.ts'

const reason = z.string().min(1).max(300)

/** What an analysis must answer. The proposal is read on its own (`judge/change/check-proposal`): a bad one must not cost the analysis. */
export const analysisReply = z.strictObject({
  decision_score: score,
  timing_score: score,
  notes: z.string().max(1500),
  decision_reasons: z.array(reason).min(1).max(8),
  timing_reasons: z.array(reason).min(1).max(8),
  decisions: z.array(decisionReview).max(20),
  recommendations: z.array(reason).max(6),
  proposal: z.json().default(null),
})
export type AnalysisReply = z.infer<typeof analysisReply>

const invalidAnalysis = z.enum([...unreadableReply.options, 'UNKNOWN_DECISION', 'DUPLICATE_DECISION'])

export type ParsedAnalysis =
  | { readonly ok: true; readonly value: AnalysisReply }
  | { readonly ok: false; readonly reason: z.infer<typeof invalidAnalysis>; readonly detail: string }

/** A model's analysis of the decisions it was shown. A review of any other decision refuses the whole: it was made up. Never throws. */
export function parseAnalysis(text: string, { decisions }: Pick<AnalysisInput, 'decisions'>): ParsedAnalysis {
  const reply = readReply(text, analysisReply)
  if (!reply.ok) return reply
  const ids = reply.value.decisions.map(({ decision_id }) => decision_id)
  const shown = new Set(decisions.map(({ decision_id }) => decision_id))
  const strange = ids.find((id) => !shown.has(id))
  if (strange !== undefined) return { ok: false, reason: 'UNKNOWN_DECISION', detail: `${strange} was not in the sample` }
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) return { ok: false, reason: 'DUPLICATE_DECISION', detail: `${twice} is reviewed twice` }
  return { ok: true, value: cleaned(reply.value) }
}

/** The record of an analysis that was used. */
export function analysisOf(options: {
  readonly reply: AnalysisReply
  readonly model: string
  readonly input: Pick<AnalysisInput, 'population'>
  /** Why a model's own answer was not used; null where it was. */
  readonly fallbackReason: string | null
}): DecisionAnalysis {
  const { reply, model, input, fallbackReason } = options
  const population = Object.values(input.population).reduce((total, count) => total + count, 0)
  return { model, fallback_reason: fallbackReason, ...reply, population }
}

/** A model's words are shown in terminals and pages: they may hold no character that steers one. */
function cleaned(reply: AnalysisReply): AnalysisReply {
  const lines = (texts: readonly string[]): string[] => texts.map((text) => cleanText(text, 300))
  return {
    ...reply,
    notes: cleanText(reply.notes, 1500),
    decision_reasons: lines(reply.decision_reasons),
    timing_reasons: lines(reply.timing_reasons),
    recommendations: lines(reply.recommendations),
    decisions: reply.decisions.map((review) => Object.assign({}, review, { reason: cleanText(review.reason, 300) })),
  }
}
