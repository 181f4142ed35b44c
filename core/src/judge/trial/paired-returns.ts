import { Decimal, decimal } from '../../money/decimal.ts'

interface EquityPoint {
  readonly market_time: number
  readonly equity: string
}

/** One difference of net returns at a market time, candidate minus baseline, as a fraction. */
export interface ReturnPair {
  readonly market_time: number
  readonly difference: number
}

/**
 * Net returns of two books over the same steps, paired: from each time that both have sampled to the next. Equity is after fees, so
 * returns are. Points in order of time; the first common time only starts the first step.
 */
export function pairReturns({
  candidate,
  baseline,
}: {
  readonly candidate: readonly EquityPoint[]
  readonly baseline: readonly EquityPoint[]
}): ReturnPair[] {
  const baselineAt = new Map(baseline.map((point) => [point.market_time, point.equity]))
  const pairs: ReturnPair[] = []
  let before: { readonly candidate: Decimal; readonly baseline: Decimal } | null = null
  for (const { market_time, equity } of candidate) {
    const other = baselineAt.get(market_time)
    if (other === undefined) continue
    const now = { candidate: decimal(equity), baseline: decimal(other) }
    if (before !== null)
      pairs.push({ market_time, difference: netReturn(before.candidate, now.candidate) - netReturn(before.baseline, now.baseline) })
    before = now
  }
  return pairs
}

/** A book without equity cannot lose more. */
function netReturn(before: Decimal, after: Decimal): number {
  return before.lte(0) ? 0 : after.div(before).minus(1).toNumber()
}
