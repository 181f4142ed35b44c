import { RunningBollinger } from '../indicators/running-bollinger.ts'
import { defineStrategy, type SignalRule } from '../strategy.ts'
import { fraction } from './signal-parameters.ts'

/** Enter when a close comes back into the bands from below, leave at the middle or above. */
export const bollingerBands = defineStrategy({
  name: 'bollinger',
  description: 'Bollinger bands: in when the close comes back from below the lower band, out at the middle.',
  parameters: {
    period: { type: 'integer', default: 20, min: 2, max: 1000, description: 'closes in the bands' },
    deviations: { type: 'number', default: 2, min: 0.1, max: 10, description: 'standard deviations from the middle to a band' },
    fraction,
  },
  create({ period, deviations, fraction: cashFraction }) {
    return { kind: 'signals', cashFraction, rule: () => bandRule({ period, deviations }) }
  },
})

function bandRule(options: { period: number; deviations: number }): SignalRule {
  const bands = new RunningBollinger(options)
  let wasBelow = false
  return {
    warmUp: options.period + 1,
    next(candles) {
      const close = candles.close()
      bands.add(close)
      const isBack = wasBelow && close >= bands.lower
      wasBelow = close < bands.lower
      if (close >= bands.middle) return -1
      return isBack ? 1 : 0
    },
  }
}
