import type { CandleView } from '../candle-view.ts'
import { defineStrategy, type Signal, type SignalRule } from '../strategy.ts'

/**
 * `sma-cross-v1`: enter when the fast average crosses above the slow one, leave when it crosses below. The first side is no cross; equal
 * averages keep the side before.
 */
export const smaCross = defineStrategy({
  name: 'sma-cross',
  description: 'Two simple moving averages: in when the fast one crosses above the slow one, out when below. The benchmark strategy.',
  parameters: {
    fast: { type: 'integer', default: 20, min: 1, max: 10_000, description: 'closes in the fast average' },
    slow: { type: 'integer', default: 50, min: 2, max: 10_000, description: 'closes in the slow average' },
    fraction: { type: 'number', default: 0.95, min: 0.001, max: 1, description: 'share of the cash that an entry spends' },
  },
  defaults: { fills: 'reference', limits: 'off' },
  create({ fast, slow, fraction }, { priceIncrement }) {
    if (fast >= slow) throw new Error(`fast must be smaller than slow, was ${fast} and ${slow}`)
    return {
      kind: 'signals',
      cashFraction: fraction,
      rule: (product) => new CrossRule({ fast, slow, perUnit: Math.round(1 / priceIncrement(product)) }),
    }
  },
})

/** Averages are compared as sums of closes in whole price increments: exact, so that a tie is a tie after any number of candles. */
class CrossRule implements SignalRule {
  readonly warmUp: number
  readonly #fast: number
  readonly #slow: number
  readonly #perUnit: number
  /** The last closes, in a ring whose length is a power of two. */
  readonly #closes: Float64Array
  #seen = 0
  #sumFast = 0
  #sumSlow = 0
  #side = 0

  constructor({ fast, slow, perUnit }: { fast: number; slow: number; perUnit: number }) {
    this.warmUp = slow
    this.#fast = fast
    this.#slow = slow
    this.#perUnit = perUnit
    this.#closes = new Float64Array(2 ** Math.ceil(Math.log2(slow + 1)))
  }

  next(candles: CandleView): Signal {
    const closes = this.#closes
    const mask = closes.length - 1
    const seen = this.#seen
    const close = Math.round(candles.close() * this.#perUnit)
    closes[seen & mask] = close
    this.#sumFast += close - closes[(seen - this.#fast) & mask]!
    this.#sumSlow += close - closes[(seen - this.#slow) & mask]!
    this.#seen = seen + 1
    if (seen + 1 < this.#slow) return 0
    const lead = this.#slow * this.#sumFast - this.#fast * this.#sumSlow
    const before = this.#side
    const side = lead > 0 ? 1 : lead < 0 ? -1 : before
    this.#side = side
    if (before === 0 || side === before) return 0
    return side > 0 ? 1 : -1
  }
}
