import { wilder } from './wilder.ts'

/**
 * Relative strength index (Wilder, 1978), 0 to 100: 100 - 100 / (1 + RS), RS = Wilder mean of gains / Wilder mean of losses.
 * 100 without a loss, 50 where nothing moved at all. Null with fewer than period + 1 closes.
 */
export function rsi(closes: readonly number[], period = 14): number | null {
  const changes = closes.slice(1).map((close, index) => close - (closes[index] ?? close))
  const gain = wilder(
    changes.map((change) => Math.max(change, 0)),
    period,
  )
  const loss = wilder(
    changes.map((change) => Math.max(-change, 0)),
    period,
  )
  if (gain === null || loss === null) return null
  if (loss === 0) return gain === 0 ? 50 : 100
  return 100 - 100 / (1 + gain / loss)
}
