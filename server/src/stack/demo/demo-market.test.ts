import { describe, expect, it } from 'vitest'
import { momentumSignal } from '@trader/core/agent/momentum'
import { readCandleCsv, toCandle } from '@trader/core/market/candle-csv'
import { candleTicks } from '@trader/core/market/candle-ticks'
import { computeFeatureVector } from '@trader/core/market/feature-vector'
import { minuteMs } from '@trader/core/market/timeframe'
import { demoMarket, historyMinutes } from './demo-market.ts'

const { product, csv, fileName } = demoMarket()
const candles = [...readCandleCsv({ file: fileName, lines: csv.split('\n') })].map((row) =>
  toCandle(row, { product, timeframeMs: minuteMs }),
)

/** What the momentum rule expects at the end of a minute after the history, in bps; 0 where it sees nothing. */
function edgeAt(minute: number): number {
  const seen = candles.slice(0, historyMinutes + minute + 1)
  const last = seen.at(-1)
  if (last === undefined) throw new Error('no candle')
  const lastTick = candleTicks(last, { quote: undefined, spreadBps: 2, lastMinuteNotional: null }).at(-1) ?? null
  const features = computeFeatureVector({ product, candles: seen, lastTick, marketTime: last.start + minuteMs })
  return momentumSignal(features)?.edgeBps ?? 0
}

describe('the market of the demo', () => {
  it('is the same at every start', () => {
    expect(demoMarket()).toEqual({ product, csv, fileName })
  })

  it('offers nothing at first, then an entry that pays for its costs', () => {
    expect([0, 1, 2, 3, 4, 5].map(edgeAt)).toEqual([0, 0, 0, 0, 0, 0])
    expect(edgeAt(15)).toBeGreaterThan(150)
  })

  it('rises beyond any take-profit of such an entry', () => {
    const [entry, end] = [candles[historyMinutes + 20], candles.at(-1)]
    expect(Number(end?.close) / Number(entry?.close)).toBeGreaterThan(1.045)
  })
})
