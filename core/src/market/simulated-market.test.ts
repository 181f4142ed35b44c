import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tick as tickSchema } from '../contract/tick.ts'
import { buildCandles } from './candle-builder.ts'
import { knownProducts } from './known-products.ts'
import { simulatedMarket, type SimulatedMarket } from './simulated-market.ts'
import { checkTicks, startTickCheck } from './tick-check.ts'

const start = Date.UTC(2024, 0, 1)
const hour = 3_600_000
const open = (seed: number, product = 'BTC-USD'): SimulatedMarket => {
  const opened = simulatedMarket({ seed, product })
  if (!opened.ok) throw new Error(opened.detail)
  return opened.market
}

describe('the simulated market', () => {
  it('gives the same ticks in whatever steps they are asked for, by whichever process', () => {
    const whole = open(7).ticksBetween({ from: start, to: start + hour })
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 20 }), (steps) => {
        const market = open(7)
        const parts = []
        let from = start
        for (const step of [...steps, hour]) {
          const to = Math.min(from + step, start + hour)
          parts.push(...market.ticksBetween({ from, to }))
          from = to
        }
        expect(parts).toEqual(whole)
      }),
      { numRuns: 10 },
    )
  })

  it('takes a tick at the beginning of a window and leaves one at its end to the next', () => {
    const market = open(7)
    const [tick] = market.ticksBetween({ from: start, to: start + 10_000 })
    const time = tick?.market_time ?? 0
    expect(market.ticksBetween({ from: time, to: time + 1 })).toEqual([tick])
    expect(market.ticksBetween({ from: time - 1, to: time })).toEqual([])
  })

  it('is another market for another seed or product', () => {
    const first = (market: SimulatedMarket) => market.ticksBetween({ from: start, to: start + 10_000 }).map((tick) => tick.price)
    expect(first(open(1))).not.toEqual(first(open(2)))
    expect(first(open(1, 'ETH-USD'))).not.toEqual(first(open(1)))
  })

  it('has every known pair, with good ticks of the contract near a realistic price', () => {
    for (const { id } of knownProducts) {
      const ticks = open(3, id).ticksBetween({ from: start, to: start + 600_000 })
      const { good, quarantined } = checkTicks(startTickCheck([id]), ticks, { clock: start + 600_000, toleranceMs: 0 })
      expect(quarantined).toEqual([])
      expect(good.length).toBeGreaterThan(200)
      for (const tick of good) {
        expect(tickSchema.parse(tick)).toEqual(tick)
        expect([
          Number(tick.bid) <= Number(tick.price),
          Number(tick.price) <= Number(tick.ask),
          Number(tick.bid) < Number(tick.ask),
        ]).toEqual([true, true, true])
      }
    }
  })

  it('refuses an unknown pair with the list of those it knows', () => {
    expect(simulatedMarket({ seed: 1, product: 'XRP-USD' })).toMatchObject({
      ok: false,
      reason: 'UNKNOWN_PRODUCT',
      detail: expect.stringMatching(/XRP-USD; known: BTC-USD, ETH-USD/),
    })
  })

  it('never leaves more than 4 s between ticks, but in an outage of one to three minutes', () => {
    const ticks = open(6).ticksBetween({ from: start + 4 * hour, to: start + 10 * hour })
    const gaps = ticks.slice(1).map((tick, index) => tick.market_time - (ticks[index]?.market_time ?? 0))
    const outages = gaps.filter((gap) => gap >= 4000)
    expect(gaps.every((gap) => gap > 0)).toBe(true)
    expect(outages).toHaveLength(1)
    for (const outage of outages) expect([outage >= 60_000, outage < 184_000]).toEqual([true, true])
  })

  it('visits every regime and stays near its base price for years', () => {
    const market = open(11)
    const days = Array.from({ length: 300 }, (_, index) => start + index * 72 * hour)
    const closes = days.map((from) => Number(market.ticksBetween({ from, to: from + 5000 })[0]?.price ?? 65_000))
    expect(Math.min(...closes)).toBeGreaterThan(30_000)
    expect(Math.max(...closes)).toBeLessThan(140_000)
    expect(Math.max(...closes) / Math.min(...closes)).toBeGreaterThan(1.2)
    expect(new Set(days.map(market.regimeAt))).toEqual(new Set(['trend_up', 'trend_down', 'range', 'high_volatility']))
  })

  it('moves by about its daily volatility, more in high volatility than in a range', () => {
    const market = open(13)
    const moves: Record<string, number[]> = {}
    for (let from = start; from < start + 240 * hour; from += 2 * hour) {
      const candles = market.candlesBetween({ from, to: from + 600_000 })
      const regime = market.regimeAt(from)
      if (regime !== market.regimeAt(from + 600_000)) continue
      for (const candle of candles) (moves[regime] ??= []).push(Math.log(Number(candle.close) / Number(candle.open)))
    }
    const deviation = (values: number[] = []) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
    const perMinute = 0.03 / Math.sqrt(1440)
    expect(deviation(moves['high_volatility'])).toBeGreaterThan(1.5 * perMinute)
    expect(deviation(moves['high_volatility'])).toBeLessThan(4 * perMinute)
    expect(deviation(moves['range'])).toBeLessThan(0.7 * deviation(moves['high_volatility']))
  })

  it('has candles that its ticks build, and tells each tick the minute before it', () => {
    const market = open(17)
    const ticks = market.ticksBetween({ from: start, to: start + 600_000 })
    const candles = market.candlesBetween({ from: start, to: start + 600_000 })
    expect(candles).toEqual(buildCandles(ticks))
    const notional = new Map<number, number>()
    for (const tick of ticks) {
      const minute = Math.floor(tick.market_time / 60_000)
      notional.set(minute, (notional.get(minute) ?? 0) + Number(tick.price) * Number(tick.volume))
      const before = candles.find((candle) => candle.start === (minute - 1) * 60_000)
      if (before === undefined) continue
      expect(tick.candle_volume).toBe(before.volume)
      expect(Number(tick.last_minute_notional) / (notional.get(minute - 1) ?? 0)).toBeCloseTo(1, 9)
    }
  })

  it('has no candle of a minute that is not over', () => {
    expect(
      open(1)
        .candlesBetween({ from: start + 1, to: start + 179_999 })
        .map((candle) => candle.start - start),
    ).toEqual([60_000])
  })
})
