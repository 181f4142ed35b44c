import { finiteOrNull } from './statistics.ts'

/** Simple return of each period, e(t) / e(t-1) - 1, as fractions. A period that starts without equity has none. */
export function periodReturns(equity: readonly number[]): number[] {
  const returns: number[] = []
  for (const [index, value] of equity.entries()) {
    const before = equity[index - 1]
    const change = before === undefined || before <= 0 ? null : finiteOrNull(value / before - 1)
    if (change !== null) returns.push(change)
  }
  return returns
}

/** Return over the whole series, e(last) / e(first) - 1; null without equity at its start. */
export function totalReturn(equity: readonly number[]): number | null {
  const first = equity[0]
  const last = equity.at(-1)
  if (first === undefined || last === undefined || first <= 0) return null
  return finiteOrNull(last / first - 1)
}
