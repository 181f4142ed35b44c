import type { DeniedReason } from '../../risk/denied-reason.ts'

export const dayMs = 86_400_000

/** What was asked for on one UTC day. */
export interface DayTally {
  /** Start of the day, ms. */
  readonly day: number
  /** Equity when it began. */
  readonly startEquity: number
  orders: number
  riskUsed: number
  readonly blocks: Map<DeniedReason, number>
}

export function newDay(day: number, startEquity: number): DayTally {
  return { day, startEquity, orders: 0, riskUsed: 0, blocks: new Map() }
}

export function countBlock(tally: DayTally, reason: DeniedReason): void {
  tally.blocks.set(reason, (tally.blocks.get(reason) ?? 0) + 1)
}
