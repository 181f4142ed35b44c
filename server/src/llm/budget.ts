import { Decimal, decimal, toText } from '@trader/core/money/decimal'
import { type CallTokens, callCost, isFree, type ModelPrice } from './price-table.ts'

const dayMs = 86_400_000

/** What the calls of one UTC day may cost, and what is counted for a model that the price table does not know. */
export interface ModelBudget {
  readonly dailyBudgetUsd: number
  readonly unknownModelPrice: ModelPrice
}

/** Notes what a call may cost at most, where it fits into the budget of the time since `since` (ms since 1970). */
type Reserve = (wish: { readonly mostUsd: string; readonly budgetUsd: string; readonly since: number }) => Promise<{
  readonly isReserved: boolean
  readonly spentUsd: string
}>

export type BudgetVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: 'over_budget'; readonly detail: string }

interface WishedCall {
  /** Name of the model and the most tokens that the call may use. */
  readonly most: CallTokens
  readonly budget: ModelBudget
  readonly reserve: Reserve
  /** Wall time, ms since 1970. */
  readonly now: number
}

/**
 * Whether another model call may be made today. The most it may cost is set aside before it is made, so a day never spends more
 * than its budget, whatever dies in the middle of a call; a free model needs none.
 */
export async function reserveCall({ most, budget, reserve, now }: WishedCall): Promise<BudgetVerdict> {
  const { dailyBudgetUsd, unknownModelPrice } = budget
  if (isFree(most.model, unknownModelPrice)) return { ok: true }
  const mostUsd = callCost(most, unknownModelPrice).costUsd
  const { isReserved, spentUsd } = await reserve({ mostUsd, budgetUsd: String(dailyBudgetUsd), since: dayOf(now) })
  if (isReserved) return { ok: true }
  const detail = `model calls of this UTC day cost ${spentUsd} USD, this one may cost ${mostUsd} USD, the budget is ${dailyBudgetUsd} USD`
  return { ok: false, reason: 'over_budget', detail }
}

/** What is left of a day's budget, in USD as text; "0" where more was spent. */
export function budgetLeft({ dailyBudgetUsd, spentUsd }: { readonly dailyBudgetUsd: number; readonly spentUsd: string }): string {
  return toText(Decimal.max(0, decimal(String(dailyBudgetUsd)).minus(spentUsd)))
}

/** Begin of the UTC day of a wall time, both in ms since 1970. */
export function dayOf(now: number): number {
  return Math.floor(now / dayMs) * dayMs
}
