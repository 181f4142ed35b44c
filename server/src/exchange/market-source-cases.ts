import { describe, expect, it } from 'vitest'
import { checkTicks, startTickCheck } from '@trader/core/market/tick-check'
import type { MarketBatch, MarketNotice, MarketSource, RawTick } from './market-source.ts'

/** How the shared cases open one kind of source. */
export interface SourceHarness {
  /** At least two products that the source can serve. */
  readonly products: readonly [string, string, ...string[]]
  readonly open: (products: readonly string[]) => Promise<MarketSource>
  readonly pace: 'stepped' | 'stream'
  /** Length of the batches asked for, ms. */
  readonly stepMs: number
  /** Makes one product fail from now on, where that is possible without a change of the source. */
  readonly spoil?: (source: MarketSource, product: string) => Promise<void>
}

/** What every market source must do, whichever it is. */
export function describeMarketSource(name: string, harness: SourceHarness): void {
  const withSource = async <Result>(
    use: (source: MarketSource) => Promise<Result>,
    products: readonly string[] = harness.products,
  ): Promise<Result> => {
    const source = await harness.open(products)
    try {
      return await use(source)
    } finally {
      await source.close()
    }
  }

  describe(`${name} as a market source`, () => {
    it('has history that ends before the first tick, of the products asked for', async () => {
      await withSource(async (source) => {
        const [product] = harness.products
        const candles = await source.history({ products: [product], until: source.start, minutes: 60 })
        expect(candles.length).toBeGreaterThan(0)
        expect(new Set(candles.map((candle) => candle.product))).toEqual(new Set([product]))
        expect(isAscending(candles.map((candle) => candle.start))).toBe(true)
        for (const candle of candles) {
          expect(candle.timeframe_ms).toBe(source.timeframeMs)
          expect(candle.start + candle.timeframe_ms).toBeLessThanOrEqual(source.start)
          expect(candle.start + candle.timeframe_ms).toBeGreaterThan(source.start - 3_600_000)
        }
        for (const tick of (await take(source, harness.stepMs, 5)).ticks) expect(tick.market_time).toBeGreaterThanOrEqual(source.start)
      })
    })

    it('gives ticks of every product that pass the tick check in the order they come', async () => {
      await withSource(async (source) => {
        const { ticks, cursor } = await take(source, harness.stepMs, 10)
        expect(new Set(ticks.map((tick) => tick.product))).toEqual(new Set(harness.products))
        const { quarantined } = checkTicks(startTickCheck(harness.products), ticks, { clock: cursor, toleranceMs: 0 })
        expect(quarantined).toEqual([])
      })
    })

    it('moves its cursor on with each batch', async () => {
      await withSource(async (source) => {
        let cursor = source.start
        for (let batch = 0; batch < 5; batch += 1) {
          const next = await source.next({ cursor, until: cursor + harness.stepMs })
          expect(next.cursor).toBeGreaterThanOrEqual(cursor + harness.stepMs)
          cursor = next.cursor
        }
      })
    })

    it.runIf(harness.pace === 'stepped')('gives the same remaining ticks when opened again at a cursor', async () => {
      const { rest, cursor } = await withSource(async (source) => {
        const first = await take(source, harness.stepMs, 3)
        return { cursor: first.cursor, rest: await take(source, harness.stepMs, 5, first.cursor) }
      })
      await withSource(async (source) => {
        const again = await take(source, harness.stepMs, 5, cursor)
        expect(again).toEqual(rest)
        const inOtherSteps = await take(source, harness.stepMs * 5, 1, cursor)
        expect(inOtherSteps.ticks).toEqual(rest.ticks)
        for (const tick of again.ticks) expect(tick.market_time).toBeGreaterThanOrEqual(cursor)
      })
    })

    it.runIf(harness.pace === 'stepped')('says when it has ended, if it ends, and then has no more', async () => {
      await withSource(async (source) => {
        expect(source.pace).toBe(harness.pace)
        if (source.endsAt === null) return
        const last = await source.next({ cursor: source.endsAt - harness.stepMs, until: source.endsAt })
        expect(last.atEnd).toBe(true)
        const before = await source.next({ cursor: source.endsAt - 2 * harness.stepMs, until: source.endsAt - 1 })
        expect(before.atEnd).toBe(false)
        const after = await source.next({ cursor: source.endsAt, until: source.endsAt + harness.stepMs })
        expect(after).toMatchObject({ ticks: [], atEnd: true })
      })
    })

    it('refuses a product it does not know, by name', async () => {
      await expect(harness.open([harness.products[0], 'XYZ-USD'])).rejects.toThrow('XYZ-USD')
    })

    it.runIf(harness.spoil !== undefined)('never lets one bad product stop the others', async () => {
      await withSource(async (source) => {
        const [good, bad] = harness.products
        const first = await take(source, harness.stepMs, 1)
        await harness.spoil?.(source, bad)
        const { ticks, notices } = await take(source, harness.stepMs, 30, first.cursor)
        expect(notices).toContainEqual(expect.objectContaining({ type: 'product_failed', product: bad }))
        expect(notices.filter((notice) => notice.type === 'product_failed')).toHaveLength(1)
        expect(ticks.filter((tick) => tick.product === good).length).toBeGreaterThan(0)
      })
    })

    it('stops waiting when it is told to', async () => {
      await withSource(async (source) => {
        const cursor = source.start
        const batch = await source.next({ cursor, until: cursor + harness.stepMs, signal: AbortSignal.abort() })
        expect([cursor, cursor + harness.stepMs]).toContain(batch.cursor)
      })
    })

    it('may be closed twice', async () => {
      const source = await harness.open(harness.products)
      await source.close()
      await source.close()
    })
  })
}

/** Several batches as one. */
export async function take(source: MarketSource, stepMs: number, batches: number, from: number = source.start): Promise<MarketBatch> {
  const ticks: RawTick[] = []
  const notices: MarketNotice[] = []
  let last: MarketBatch = { ticks, notices, cursor: from, atEnd: false }
  for (let batch = 0; batch < batches; batch += 1) {
    last = await source.next({ cursor: last.cursor, until: last.cursor + stepMs })
    ticks.push(...last.ticks)
    notices.push(...last.notices)
  }
  return { ticks, notices, cursor: last.cursor, atEnd: last.atEnd }
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value > (values[index - 1] ?? value))
}
