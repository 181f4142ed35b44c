import type { RoundTrip } from './round-trips.ts'

/** Most closed trades in a row without a profit; trades in order of time. */
export function lossStreak(trips: readonly Pick<RoundTrip, 'realizedPnl'>[]): number {
  let streak = 0
  let longest = 0
  for (const { realizedPnl } of trips) {
    streak = realizedPnl.gt(0) ? 0 : streak + 1
    longest = Math.max(longest, streak)
  }
  return longest
}
