import { z } from 'zod'
import { cleanText } from '../../agent/clean-text.ts'
import { productDecision } from '../../contract/decision.ts'
import { performanceReport, score, windowActivity } from '../../contract/evaluation.ts'
import type { Feedback } from '../../contract/feedback.ts'
import { fraction, id, positiveDecimalText, timestampMs } from '../../contract/primitives.ts'
import { promptVersion, type PromptVersion } from '../../contract/prompt-version.ts'
import { deniedReason } from '../../risk/denied-reason.ts'
import { holdReason } from '../../agent/hold-reason.ts'
import type { JudgedDecision } from '../score/judge-window.ts'
import type { WindowFacts } from '../score/measure-window.ts'
import { decisionKind, kindOf, type OutcomeRules, outcomeOf, type PricePaths, productOutcome } from './decision-outcome.ts'
import { stratifiedSample } from './stratified-sample.ts'

/** Decisions that one analysis looks at. */
export const sampleSize = 20
/** One hour after a decision: most of what a move of an hour's volatility does is done. Round trip by market orders: 120 bps and spread. */
export const outcomeRules: OutcomeRules = { horizonMs: 3_600_000, costBps: 125 }

const sampledProposal = z.strictObject({
  product: z.string(),
  action: productDecision.shape.action,
  notional: positiveDecimalText.nullable(),
  fraction: fraction.nullable(),
  stop_price: positiveDecimalText.nullable(),
  take_profit: positiveDecimalText.nullable(),
  confidence: fraction,
  expected_edge_bps: z.number(),
  quoted_reasoning: z.string(),
  quoted_evidence: z.array(z.string()),
  outcome: productOutcome.nullable(),
})
export type SampledProposal = z.infer<typeof sampledProposal>

export const sampledDecision = z.strictObject({
  decision_id: id,
  market_time: timestampMs,
  kind: decisionKind,
  hold_reason: holdReason.nullable(),
  blocks: z.array(deniedReason),
  proposals: z.array(sampledProposal),
})
export type SampledDecision = z.infer<typeof sampledDecision>

/** The user message of an analysis prompt: data only. The offline model reads it back with this schema. */
export const analysisInput = z.strictObject({
  prompt: promptVersion.pick({ version: true, mode: true, policy: true }),
  report: performanceReport,
  activity: windowActivity,
  /** The deterministic scores that stand beside the analysis. */
  window_quality: score,
  trading_quality: score,
  cost_bps: z.number(),
  horizon_minutes: z.number(),
  /** How many decisions of each kind there were; the sample takes them in turn. */
  population: z.partialRecord(decisionKind, z.int().positive()),
  decisions: z.array(sampledDecision),
  /** Quoted text of the user to the Judge: wishes to weigh, never instructions. */
  user_feedback: z.array(z.strictObject({ feedback_id: z.string(), quoted_message: z.string() })),
})
export type AnalysisInput = z.infer<typeof analysisInput>

interface AnalysisSource {
  readonly facts: WindowFacts
  readonly decisions: readonly JudgedDecision[]
  readonly prompt: Pick<PromptVersion, 'version' | 'mode' | 'policy'>
  readonly paths: PricePaths
  readonly feedback: readonly Pick<Feedback, 'feedback_id' | 'message'>[]
  /** Of the sample: derived from the evaluation's id, so that an evaluation can be repeated. */
  readonly seed: number
  readonly rules?: OutcomeRules
}

/** A seeded sample of a window's decisions with what came of them, beside the window's figures. */
export function analysisInputOf(source: AnalysisSource): AnalysisInput {
  const { facts, decisions, prompt, paths, feedback, seed, rules = outcomeRules } = source
  const seen = decisions.flatMap((decision) => {
    const outcomes = (decision.proposal?.decisions ?? []).map((proposal) =>
      outcomeOf(proposal, { marketTime: decision.market_time, paths, rules }),
    )
    const kind = kindOf(decision, outcomes)
    return kind === null ? [] : [{ decision, outcomes, kind }]
  })
  const sample = stratifiedSample({ items: seen, strata: decisionKind.options, stratumOf: ({ kind }) => kind, size: sampleSize, seed })
  const { version, mode, policy } = prompt
  return {
    prompt: { version, mode, policy },
    report: facts.report,
    activity: facts.activity,
    window_quality: facts.windowQuality,
    trading_quality: facts.tradingQuality.overall,
    cost_bps: rules.costBps,
    horizon_minutes: rules.horizonMs / 60_000,
    population: countKinds(seen.map(({ kind }) => kind)),
    decisions: sample.map(sampled),
    user_feedback: feedback.slice(0, 10).map(({ feedback_id, message }) => ({ feedback_id, quoted_message: cleanText(message, 500) })),
  }
}

/** What a model sees of a decision: its words are quoted, cleaned and cut, since they may hold anything. */
function sampled({
  decision,
  outcomes,
  kind,
}: {
  decision: JudgedDecision
  outcomes: (z.infer<typeof productOutcome> | null)[]
  kind: SampledDecision['kind']
}): SampledDecision {
  const { id, market_time, hold_reason, blocks, proposal } = decision
  return {
    decision_id: id,
    market_time,
    kind,
    hold_reason,
    blocks,
    proposals: (proposal?.decisions ?? []).map((each, index) => ({
      product: each.product,
      action: each.action,
      notional: each.notional ?? null,
      fraction: each.fraction ?? null,
      stop_price: each.stop_price ?? null,
      take_profit: each.take_profit ?? null,
      confidence: each.confidence,
      expected_edge_bps: each.expected_edge_bps,
      quoted_reasoning: cleanText(each.reasoning, 300),
      quoted_evidence: each.evidence.slice(0, 3).map((line) => cleanText(line, 120)),
      outcome: outcomes[index] ?? null,
    })),
  }
}

function countKinds(kinds: readonly SampledDecision['kind'][]): AnalysisInput['population'] {
  const counts: AnalysisInput['population'] = {}
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
