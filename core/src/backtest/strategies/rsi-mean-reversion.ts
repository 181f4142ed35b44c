import { RunningRsi } from '../indicators/running-rsi.ts'
import { defineStrategy, type SignalRule } from '../strategy.ts'
import { fraction } from './signal-parameters.ts'

/** Enter when the RSI comes back up through `low`, leave when it is above `high`: what was sold too hard is bought as it turns. */
export const rsiMeanReversion = defineStrategy({
  name: 'rsi-mean-reversion',
  description: 'Relative strength index: in when it comes back from oversold, out when overbought.',
  parameters: {
    period: { type: 'integer', default: 14, min: 2, max: 1000, description: 'closes in the index' },
    low: { type: 'number', default: 30, min: 1, max: 99, description: 'oversold below this' },
    high: { type: 'number', default: 60, min: 1, max: 99, description: 'out above this' },
    fraction,
  },
  create({ period, low, high, fraction: cashFraction }) {
    if (low >= high) throw new Error(`low must be smaller than high, was ${low} and ${high}`)
    return { kind: 'signals', cashFraction, rule: () => turnRule({ period, low, high }) }
  },
})

function turnRule({ period, low, high }: { period: number; low: number; high: number }): SignalRule {
  const index = new RunningRsi(period)
  return {
    warmUp: period + 2,
    next(candles) {
      const before = index.value
      const now = index.add(candles.close())
      if (before < low && now >= low) return 1
      return now > high ? -1 : 0
    },
  }
}
