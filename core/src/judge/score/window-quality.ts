import { clampScore } from './clamp.ts'

/** What a window's closed trades say of the decisions behind them; ratios are null where undefined. */
export interface TradeRecord {
  readonly closedTrades: number
  readonly winRate: number | null
  readonly profitFactor: number | null
  /** Average win / |average loss|. */
  readonly rewardToRisk: number | null
  readonly lossStreak: number
  /** Exits by a stop / all exits. */
  readonly stopShare: number
}

/**
 * The deterministic quality score of reference-facts 4: 50 + (min(30, 50 x win rate) - 15) + 25 x (profit factor - 1) within 0..25
 * + 20 x (reward to risk - 1) within -10..20 - 15, 8 or 3 for a streak of 5, 3 or 2 losses - 10 or 6 for more than 30 % or 20 % of
 * exits by a stop. 50 without a closed trade. Where nothing was lost, both ratios count in full.
 */
export function windowQuality(record: TradeRecord): number {
  const { closedTrades, winRate, profitFactor, rewardToRisk, lossStreak, stopShare } = record
  if (closedTrades === 0 || winRate === null) return 50
  const isWithoutLoss = profitFactor === null
  const wins = Math.min(30, 50 * winRate) - 15
  const factor = isWithoutLoss ? 25 : within(25 * (profitFactor - 1), 0, 25)
  const reward = isWithoutLoss ? 20 : within(20 * ((rewardToRisk ?? 0) - 1), -10, 20)
  const streak = lossStreak >= 5 ? 15 : lossStreak >= 3 ? 8 : lossStreak >= 2 ? 3 : 0
  const stops = stopShare > 0.3 ? 10 : stopShare > 0.2 ? 6 : 0
  return clampScore(50 + wins + factor + reward - streak - stops)
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
