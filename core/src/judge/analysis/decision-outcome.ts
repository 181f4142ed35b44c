import { z } from 'zod'
import type { ProductDecision } from '../../contract/decision.ts'
import type { JudgedDecision } from '../score/judge-window.ts'
import { type PricePath, priceMove } from './price-path.ts'

/** What the price did after a decision on one product, in basis points, and what that was worth to the action. */
export const productOutcome = z.strictObject({
  price: z.number().positive(),
  move_bps: z.number(),
  best_bps: z.number(),
  worst_bps: z.number(),
  /** BUY: the move less the cost of a round trip. SELL: the fall that was avoided. HOLD: the best move less the cost, as a loss if above 0. */
  worth_bps: z.number(),
  /** BUY and SELL: favourable / (favourable + adverse) excursion x 100, 50 where the price stood still. HOLD: null. */
  timing: z.number().min(0).max(100).nullable(),
})
export type ProductOutcome = z.infer<typeof productOutcome>

/** The kinds of decisions that a sample is drawn from, in the order in which they are. What the gate held nobody decided. */
export const decisionKind = z.enum(['entry_lost', 'entry_won', 'exit', 'hold_missed', 'refused', 'failed', 'entry_open', 'hold'])
export type DecisionKind = z.infer<typeof decisionKind>

export interface OutcomeRules {
  /** How long after a decision its outcome is looked at, in ms. */
  readonly horizonMs: number
  /** Cost of a round trip, fees and spread, in basis points. */
  readonly costBps: number
}

export type PricePaths = Readonly<Record<string, PricePath>>

/** The outcome of one product's proposal; null where the prices do not reach. */
export function outcomeOf(
  { action, product }: Pick<ProductDecision, 'action' | 'product'>,
  { marketTime, paths, rules }: { readonly marketTime: number; readonly paths: PricePaths; readonly rules: OutcomeRules },
): ProductOutcome | null {
  const path = paths[product]
  const move = path === undefined ? null : priceMove(path, { from: marketTime, horizonMs: rules.horizonMs })
  if (move === null) return null
  const { price, moveBps, bestBps, worstBps } = move
  const common = { price, move_bps: moveBps, best_bps: bestBps, worst_bps: worstBps }
  if (action === 'BUY') return { ...common, worth_bps: moveBps - rules.costBps, timing: timingOf(bestBps, -worstBps) }
  if (action === 'SELL') return { ...common, worth_bps: 0 - moveBps, timing: timingOf(-worstBps, bestBps) }
  return { ...common, worth_bps: Math.min(0, rules.costBps - bestBps), timing: null }
}

function timingOf(favourable: number, adverse: number): number {
  const whole = favourable + adverse
  return whole <= 0 ? 50 : Math.round((100 * favourable) / whole)
}

/** Which kind a decision with these outcomes is; null for one that no model was asked about. */
export function kindOf(decision: JudgedDecision, outcomes: readonly (ProductOutcome | null)[]): DecisionKind | null {
  const { action, hold_reason, proposal, blocks } = decision
  const proposals = proposal?.decisions ?? []
  const worthOf = (wanted: ProductDecision['action']): number[] =>
    proposals.flatMap((each, index) => (each.action === wanted && outcomes[index] ? [outcomes[index].worth_bps] : []))
  if (action === 'TRADE' && proposals.some((each) => each.action === 'BUY')) {
    const worths = worthOf('BUY')
    if (worths.length === 0) return 'entry_open'
    return worths.reduce((total, worth) => total + worth, 0) > 0 ? 'entry_won' : 'entry_lost'
  }
  if (action === 'TRADE') return 'exit'
  if (blocks.length > 0 || hold_reason?.endsWith('_REFUSED')) return 'refused'
  if (hold_reason === 'MODEL_CHOSE_HOLD') return worthOf('HOLD').some((worth) => worth < 0) ? 'hold_missed' : 'hold'
  return hold_reason?.startsWith('MODEL_') ? 'failed' : null
}
