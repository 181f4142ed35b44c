import type { Policy } from '../contract/prompt-version.ts'

/** A stop this far away or nearer allows the largest position; a farther one shrinks it. In bps: a fortieth of it is lost at the stop. */
const fullSizeStopBps = 250
/** Distance of the stop in deviations of an hour, and its least, in bps. */
const stopDeviations = 2
const minStopBps = 80
/** Gain at the take-profit for each 1 risked to the stop. */
const rewardPerRisk: Readonly<Record<Policy['mode'], number>> = { conservative: 2, standard: 1.5, performance: 1.5, aggressive: 1.5 }

/** Size of an entry and its exits: a fraction of equity, and distances from the price in bps. */
export interface SizedEntry {
  readonly fraction: number
  readonly stopBps: number
  readonly takeProfitBps: number
}

/** The more a product moves, the farther its stop and the smaller the position: no entry risks more than max_position / 40 of equity. */
export function sizeEntry({
  volatilityBps,
  edgeBps,
  policy,
}: {
  readonly volatilityBps: number
  readonly edgeBps: number
  readonly policy: Policy
}): SizedEntry {
  const stopBps = Math.max(minStopBps, stopDeviations * volatilityBps)
  return {
    fraction: policy.max_position * Math.min(1, fullSizeStopBps / stopBps),
    stopBps,
    takeProfitBps: Math.max(edgeBps, rewardPerRisk[policy.mode] * stopBps),
  }
}
