import { annualizedReturn } from '../../metrics/annualized-return.ts'
import { clampScore } from './clamp.ts'

const dayMs = 86_400_000

/**
 * Points for the return of a window: (annualized return + 1) x 50, from 0 to 100 (reference-facts 4). 0 % a year gives 50, +100 %
 * gives 100. A window below a day counts as one day whose rest was flat. Null without a return.
 */
export function returnsScore({ totalReturn, spanMs }: { totalReturn: number | null; spanMs: number }): number | null {
  if (totalReturn === null) return null
  const annualized = annualizedReturn({ totalReturn, spanMs: Math.max(dayMs, spanMs) })
  // Null here is a gain too large to write down.
  return annualized === null ? 100 : clampScore((annualized + 1) * 50)
}
