import { type Decimal, zero } from '../money/decimal.ts'
import { roundSize } from '../money/round.ts'
import type { Quote } from './quote.ts'

/** What our orders have taken of one product's present candle, and up to where it was matched. Carried from tick to tick. */
export interface MatchState {
  /** Start of the candle (ms) that `usedVolume` belongs to; null before the first tick. */
  readonly candleStart: number | null
  /** Base units filled in it. */
  readonly usedVolume: Decimal
  /** Market time (ms) of the last tick matched; that tick and older ones match nothing again. */
  readonly lastTickTime: number | null
}

export const emptyMatchState: MatchState = { candleStart: null, usedVolume: zero, lastTickTime: null }

/** The state at a tick: a new candle starts with nothing used. Candles start at multiples of the timeframe since 1970. */
export function stateAt({ state, marketTime, timeframeMs }: { state: MatchState; marketTime: number; timeframeMs: number }): MatchState {
  const candleStart = Math.floor(marketTime / timeframeMs) * timeframeMs
  return { candleStart, usedVolume: candleStart === state.candleStart ? state.usedVolume : zero, lastTickTime: marketTime }
}

export function useVolume(state: MatchState, filled: Decimal): MatchState {
  return { ...state, usedVolume: state.usedVolume.plus(filled) }
}

/** Base units that may still fill in this candle: its volume x participation - what is used, down to the increment. */
export function availableVolume(options: {
  readonly state: MatchState
  readonly quote: Quote
  readonly maxParticipation: number
  readonly increment: Decimal
}): Decimal {
  const { state, quote, maxParticipation, increment } = options
  const left = quote.candleVolume.times(maxParticipation).minus(state.usedVolume)
  return left.gt(0) ? roundSize(left, increment) : zero
}
