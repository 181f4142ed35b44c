import { simulatedMarket, type SimulatedMarket } from '@trader/core/market/simulated-market'
import { minuteMs } from '@trader/core/market/timeframe'
import { inOrder, type MarketBatch, type MarketSource } from '../market-source.ts'
import { wallClock, type WallClock } from '../wall-clock.ts'

/** 2024-01-01T00:00:00Z: where a simulated run that is not at real speed begins, so that the same seed gives the same run. */
export const simulatedStart = 1_704_067_200_000

/** A stream that was away for longer does not deliver what it missed, as no exchange would. */
const longestCatchUpMs = 60_000

export interface SimulatedOptions {
  readonly seed: number
  readonly products: readonly string[]
  /** `stream` is real speed: market time is the wall clock. */
  readonly pace: 'stepped' | 'stream'
  /** Market time of the first batch, for `stepped`. */
  readonly start?: number
  readonly clock?: WallClock
}

/** A market made from a seed (`core/market/simulated-market`). It never ends and nothing of it has to be kept but the cursor. */
export function openSimulatedSource(options: SimulatedOptions): MarketSource {
  const { products, pace, clock = wallClock } = options
  const markets = products.map((product) => openMarket(options.seed, product))
  const ticksBetween = (from: number, to: number) => inOrder(markets.map((market) => market.ticksBetween({ from, to })))
  return {
    market: 'simulated',
    products,
    pace,
    timeframeMs: minuteMs,
    fileHashes: [],
    start: pace === 'stream' ? clock.now() : (options.start ?? simulatedStart),
    endsAt: null,
    history: async ({ products: asked, until, minutes }) =>
      markets
        .filter((market) => asked.includes(market.product))
        .flatMap((market) => market.candlesBetween({ from: until - (until % minuteMs) - minutes * minuteMs, to: until })),
    next: async ({ cursor, until, signal }) => {
      if (pace === 'stepped') return { ticks: ticksBetween(cursor, until), notices: [], cursor: until, atEnd: false }
      return nextOfStream({ cursor, until, signal })
    },
    close: async () => {},
  }

  async function nextOfStream({
    cursor,
    until,
    signal,
  }: {
    cursor: number
    until: number
    signal: AbortSignal | undefined
  }): Promise<MarketBatch> {
    const isBehind = clock.now() - cursor > longestCatchUpMs
    const from = isBehind ? clock.now() : cursor
    const to = from + (until - cursor)
    await clock.sleepUntil(to, signal)
    if (signal?.aborted) return { ticks: [], notices: [], cursor, atEnd: false }
    return {
      ticks: ticksBetween(from, to),
      notices: isBehind ? [{ type: 'time_gap', from: cursor, to: from }] : [],
      cursor: to,
      atEnd: false,
    }
  }
}

function openMarket(seed: number, product: string): SimulatedMarket {
  const opened = simulatedMarket({ seed, product })
  if (!opened.ok) throw new Error(opened.detail)
  return opened.market
}
