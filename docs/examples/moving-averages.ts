import { defineStrategy, type SignalRule } from '@trader/core/backtest/strategy'

// A strategy of your own, the short way: a rule that looks at candles alone and says 1 (enter), -1 (leave) or 0.
//   trader backtest run --data coinbase_BTC-USD_1m.csv --strategy docs/examples/moving-averages.ts --param fast=10
export const strategy = defineStrategy({
  name: 'moving-averages',
  description: 'In when the fast average of closes crosses above the slow one, out when it crosses below.',
  parameters: {
    fast: { type: 'integer', default: 20, min: 1, max: 1000, description: 'closes in the fast average' },
    slow: { type: 'integer', default: 50, min: 2, max: 1000, description: 'closes in the slow average' },
    fraction: { type: 'number', default: 0.2, min: 0.01, max: 1, description: 'share of the cash that an entry spends' },
  },
  create({ fast, slow, fraction }, { priceIncrement }) {
    const rule = (product: string): SignalRule => new MovingAverages({ fast, slow, stepsPerUnit: Math.round(1 / priceIncrement(product)) })
    return { kind: 'signals', cashFraction: fraction, rule }
  },
})

class MovingAverages implements SignalRule {
  readonly warmUp: number
  private readonly fast: number
  private readonly slow: number
  private readonly stepsPerUnit: number
  private fastSum = 0
  private slowSum = 0
  private side = 0

  constructor({ fast, slow, stepsPerUnit }: { fast: number; slow: number; stepsPerUnit: number }) {
    this.warmUp = slow
    this.fast = fast
    this.slow = slow
    this.stepsPerUnit = stepsPerUnit
  }

  // Called once for every candle that closes. `candles.close(1)` is the close before the newest; a later one cannot be asked for.
  next(candles: Parameters<SignalRule['next']>[0]) {
    const newest = this.steps(candles.close())
    this.fastSum += newest
    this.slowSum += newest
    if (candles.count > this.fast) this.fastSum -= this.steps(candles.close(this.fast))
    if (candles.count > this.slow) this.slowSum -= this.steps(candles.close(this.slow))
    if (candles.count < this.slow) return 0
    const lead = this.fastSum * this.slow - this.slowSum * this.fast
    const before = this.side
    if (lead > 0) this.side = 1
    else if (lead < 0) this.side = -1
    if (before === 0 || this.side === before) return 0
    return this.side > 0 ? 1 : -1
  }

  // In whole price steps sums are exact: equal averages stay equal, after any number of candles.
  private steps(price: number): number {
    return Math.round(price * this.stepsPerUnit)
  }
}
