import { seededRandom, type SeededRandom } from '../../market/seeded-random.ts'
import { mean } from '../../metrics/statistics.ts'
import { rankPValue } from './rank-p-value.ts'

/** Candles [from, to) in which a position was held, by index. */
export interface HeldSpan {
  readonly from: number
  readonly to: number
}

export interface RandomEntryTest {
  readonly runs: number
  readonly mean_return_pct: number
  readonly p_value: number
}

/**
 * Was the timing better than chance? The same trades, as many and as long, are put at random places of the same candles, in random
 * order and every arrangement equally likely; the p-value is the share that returns at least as much. What is held returns the
 * candle's return (a fraction, > -1), each trade costs `costPerTrade` (a fraction, both sides together), all of the equity is at
 * stake: so the observed timing is measured in the same way, and size plays no part. Null without a trade.
 */
export function randomEntryTest(options: {
  /** Return of each candle, of the one product that was traded. */
  readonly returns: readonly number[]
  /** In order, not overlapping. */
  readonly held: readonly HeldSpan[]
  readonly costPerTrade: number
  readonly seed: number
  readonly runs?: number
}): RandomEntryTest | null {
  const { returns, held, costPerTrade, seed, runs = 1000 } = options
  checkSpans(held, returns.length)
  if (held.length === 0) return null
  const growth = cumulativeGrowth(returns)
  const cost = held.length * Math.log(1 - costPerTrade)
  const random = seededRandom(seed, 'random-entry')
  const lengths = held.map(({ from, to }) => to - from)
  const simulated = Array.from({ length: runs }, (_, run) =>
    growthOf(growth, placeAtRandom({ lengths, rows: returns.length, random, run })),
  )
  return {
    runs,
    mean_return_pct: (mean(simulated.map((value) => Math.exp(value + cost) - 1)) ?? 0) * 100,
    // The same spans in another order of summation are equal.
    p_value: rankPValue({ observed: growthOf(growth, held) - 1e-12, simulated }),
  }
}

/** Spans of these lengths at random places: the flat candles between them are dealt so that every arrangement is equally likely. */
export function placeAtRandom(options: {
  readonly lengths: readonly number[]
  readonly rows: number
  readonly random: SeededRandom
  readonly run: number
}): HeldSpan[] {
  const { lengths, rows, random, run } = options
  const order = shuffled(lengths, (place) => random.uniform(run, place, 0))
  const flat = rows - lengths.reduce((sum, length) => sum + length, 0)
  // n trades among f flat candles are n marked places out of f + n.
  const marks = chooseDistinct(lengths.length, flat + lengths.length, (place) => random.uniform(run, place, 1))
  let held = 0
  return order.map((length, index) => {
    const from = (marks[index] ?? 0) - index + held
    held += length
    return { from, to: from + length }
  })
}

/** Fisher and Yates. */
function shuffled(values: readonly number[], uniform: (place: number) => number): number[] {
  const order = [...values]
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(uniform(last) * (last + 1))
    const kept = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = kept
  }
  return order
}

/** `count` of the numbers below `range`, each set equally likely, in order (Floyd 1987). */
function chooseDistinct(count: number, range: number, uniform: (place: number) => number): number[] {
  const chosen = new Set<number>()
  for (let last = range - count; last < range; last += 1) {
    const drawn = Math.floor(uniform(last) * (last + 1))
    chosen.add(chosen.has(drawn) ? last : drawn)
  }
  return [...chosen].sort((a, b) => a - b)
}

/** Sum of log returns before each candle; one longer than the candles. */
function cumulativeGrowth(returns: readonly number[]): Float64Array {
  const growth = new Float64Array(returns.length + 1)
  for (const [index, value] of returns.entries()) {
    if (!(value > -1)) throw new Error(`return ${index} must be above -1, was ${value}`)
    growth[index + 1] = (growth[index] ?? 0) + Math.log1p(value)
  }
  return growth
}

function growthOf(growth: Float64Array, spans: readonly HeldSpan[]): number {
  return spans.reduce((sum, { from, to }) => sum + (growth[to] ?? 0) - (growth[from] ?? 0), 0)
}

function checkSpans(held: readonly HeldSpan[], rows: number): void {
  let end = 0
  for (const { from, to } of held) {
    if (from < end || to <= from || to > rows) throw new Error(`held span ${from} to ${to} is out of order or outside ${rows} candles`)
    end = to
  }
}
