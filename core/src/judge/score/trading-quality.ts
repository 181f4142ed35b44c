import { mean, standardDeviation } from '../../metrics/statistics.ts'
import { clampScore } from './clamp.ts'

interface TradingQuality {
  readonly frequency: number
  readonly sizing: number
  /** 0.6 x frequency + 0.4 x sizing. */
  readonly overall: number
}

/**
 * How steadily entries are made (reference-facts 3). Frequency: 100, - 5 for each entry a day above 10, - 200 x (0.1 - entries a day)
 * below 0.1, never below 20. Sizing: 100 - 100 x standard deviation / mean of the entries' sizes; 100 below two entries.
 */
export function tradingQuality({ entriesPerDay, sizes }: { entriesPerDay: number; sizes: readonly number[] }): TradingQuality {
  const tooOften = 5 * Math.max(0, entriesPerDay - 10)
  const tooRare = 200 * Math.max(0, 0.1 - entriesPerDay)
  const frequency = Math.max(20, 100 - tooOften - tooRare)
  const average = mean(sizes)
  const deviation = standardDeviation(sizes)
  const sizing = average === null || deviation === null || average <= 0 ? 100 : clampScore(100 - (100 * deviation) / average)
  return { frequency, sizing, overall: 0.6 * frequency + 0.4 * sizing }
}
