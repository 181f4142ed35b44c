import type { Bar } from './atr.ts'

/** Volume-weighted average price: sum of (high + low + close) / 3 x volume, over the sum of volumes. Null without any volume. */
export function vwap(bars: readonly (Bar & { readonly volume: number })[]): number | null {
  let traded = 0
  let volume = 0
  for (const bar of bars) {
    traded += ((bar.high + bar.low + bar.close) / 3) * bar.volume
    volume += bar.volume
  }
  return volume === 0 ? null : traded / volume
}
