import { RunningEma } from '../indicators/running-ema.ts'
import { defineStrategy, type SignalRule } from '../strategy.ts'
import { fraction } from './signal-parameters.ts'

/** Enter when the fast exponential average crosses above the slow one, leave when it crosses below. The first side is no cross. */
export const emaCross = defineStrategy({
  name: 'ema-cross',
  description: 'Two exponential moving averages: in when the fast one crosses above the slow one, out when below.',
  parameters: {
    fast: { type: 'integer', default: 12, min: 1, max: 10_000, description: 'closes in the fast average' },
    slow: { type: 'integer', default: 26, min: 2, max: 10_000, description: 'closes in the slow average' },
    fraction,
  },
  create({ fast, slow, fraction: cashFraction }) {
    if (fast >= slow) throw new Error(`fast must be smaller than slow, was ${fast} and ${slow}`)
    return { kind: 'signals', cashFraction, rule: () => crossRule(fast, slow) }
  },
})

function crossRule(fast: number, slow: number): SignalRule {
  const [quick, steady] = [new RunningEma(fast), new RunningEma(slow)]
  let side = 0
  return {
    warmUp: slow,
    next(candles) {
      const lead = quick.add(candles.close()) - steady.add(candles.close())
      const before = side
      if (lead > 0) side = 1
      else if (lead < 0) side = -1
      return before === 0 || side === before ? 0 : side > 0 ? 1 : -1
    },
  }
}
