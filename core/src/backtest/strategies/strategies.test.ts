import { describe, expect, it } from 'vitest'
import { findProduct } from '../../market/product.ts'
import { runBacktest } from '../run-backtest.ts'
import { rulesOf } from '../settings.ts'
import { testSettings } from '../testing/test-settings.ts'
import { walkCandles } from '../testing/walk-candles.ts'
import { findStrategy, library } from './library.ts'
import { makeStrategy } from './make-strategy.ts'

const productIds = ['BTC-USD', 'ETH-USD']
const products = productIds.map((id) => rulesOf(findProduct(id)!))
const columns = [
  walkCandles({ seed: 1, rows: 6000, gaps: 0.002, volume: 50 }),
  walkCandles({ seed: 2, rows: 6000, product: 'ETH-USD', price: 2600, gaps: 0.002, volume: 800 }),
]

function run(name: string, given: Record<string, number | string> = {}) {
  const found = findStrategy(name)
  if (!found.ok) throw new Error(found.detail)
  const made = makeStrategy({ module: found.module, given, products, timeframeMs: 60_000, seed: 1 })
  if (!made.ok) throw new Error(made.detail)
  return runBacktest({ settings: testSettings({ productIds }), columns, strategy: made.strategy })
}

describe('the strategy library', () => {
  it.each(library.map(({ name }) => name).filter((name) => name !== 'sma-cross'))(
    '%s trades both products under the default limits',
    (name) => {
      const first = run(name)
      expect(new Set([...first.fills].map(({ product }) => product))).toEqual(new Set(productIds))
      expect([...run(name).fills]).toEqual([...first.fills])
    },
  )

  it('leaves what it entered, but for those that buy to keep', () => {
    const closers = library.filter(({ name }) => !['buy-and-hold', 'dca', 'sma-cross'].includes(name))
    for (const { name } of closers) {
      const sides = [...run(name).fills].map(({ side }) => side)
      expect(sides.filter((side) => side === 'SELL').length, name).toBeGreaterThan(3)
    }
    for (const name of ['buy-and-hold', 'dca']) expect([...run(name).fills].every(({ side }) => side === 'BUY')).toBe(true)
  })

  it('protects a breakout by its stop and by its trailing stop', () => {
    const reasons = (given: Record<string, number>) => new Set([...run('breakout', given).fills].map(({ reason }) => reason))
    expect(reasons({ stop_atr: 1 })).toContain('stop')
    expect(reasons({ trail: 0.002, stop_atr: 50 })).toContain('trailing_stop')
  })

  it('names what there is when a name is unknown', () => {
    expect(findStrategy('sma-crosss')).toMatchObject({ ok: false, detail: expect.stringContaining('sma-cross, ema-cross') })
  })

  it('refuses parameters that are unknown, out of bounds or make no sense together', () => {
    const refusal = (given: Record<string, number | string>) => {
      const found = findStrategy('ema-cross')
      return found.ok ? makeStrategy({ module: found.module, given, products, timeframeMs: 60_000, seed: 1 }) : found
    }
    expect(refusal({ speed: 3 })).toMatchObject({
      ok: false,
      detail: 'strategy ema-cross: unknown parameter speed; there are: fast, slow, fraction',
    })
    expect(refusal({ fast: 2.5 })).toMatchObject({
      detail: 'strategy ema-cross: parameter fast must be a whole number from 1 to 10000, was 2.5',
    })
    expect(refusal({ fast: '' })).toMatchObject({ ok: false })
    expect(refusal({ fast: 30, slow: 20 })).toMatchObject({
      ok: false,
      detail: expect.stringContaining('fast must be smaller than slow, was 30 and 20'),
    })
    expect(refusal({ fast: '3' })).toMatchObject({ ok: true, parameters: { fast: 3 } })
  })
})
