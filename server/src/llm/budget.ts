import { Decimal, decimal, toText } from '@trader/core/money/decimal'
import { isFree } from './price-table.ts'

const dayMs = 86_400_000

export interface BudgetCheck {
  readonly model: string
  /** Sum of the recorded costs of model calls in [from, to) of wall time, in USD as text. */
  readonly spentUsd: (window: { readonly from: number; readonly to: number }) => Promise<string>
  /** What the calls of one UTC day may cost, in USD. */
  readonly dailyBudgetUsd: number
  /** Wall time, ms since 1970. */
  readonly now: number
}

export type BudgetVerdict =
  | { readonly ok: true; readonly leftUsd: string }
  | { readonly ok: false; readonly reason: 'over_budget'; readonly detail: string; readonly leftUsd: '0' }

/**
 * Whether another model call may be made today. The check comes before the call and knows only what is recorded, so a day spends
 * at most the budget and one call. A budget of 0 allows only free models.
 */
export async function checkBudget({ model, spentUsd, dailyBudgetUsd, now }: BudgetCheck): Promise<BudgetVerdict> {
  const from = Math.floor(now / dayMs) * dayMs
  const spent = decimal(await spentUsd({ from, to: from + dayMs }))
  const left = decimal(String(dailyBudgetUsd)).minus(spent)
  if (left.gt(0) || isFree(model)) return { ok: true, leftUsd: toText(Decimal.max(left, 0)) }
  const detail = `model calls of this UTC day cost ${toText(spent)} USD, the budget is ${dailyBudgetUsd} USD`
  return { ok: false, reason: 'over_budget', detail, leftUsd: '0' }
}
