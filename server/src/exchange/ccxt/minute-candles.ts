import type { Candle } from '@trader/core/contract/candle'
import type { Tick } from '@trader/core/contract/tick'
import { lastMinuteNotional } from '@trader/core/market/candle-ticks'
import { minuteMs } from '@trader/core/market/timeframe'
import { decimal, type Decimal, toText, zero } from '@trader/core/money/decimal'
import type { CandlesOf } from '../backfill.ts'
import type { MarketNotice } from '../market-source.ts'
import type { WallClock } from '../wall-clock.ts'
import { detailOf } from './ccxt-venue.ts'

/** Exchanges publish a minute's candle a little after its end. */
const publishedAfterMs = 5000
/** An older candle says nothing about the last minute. */
const recentMs = 3 * minuteMs

export type TickVolumes = Pick<Tick, 'volume' | 'candle_volume' | 'last_minute_notional'>

interface Minutes {
  readonly newest: Candle | null
  /** Traded in finished minutes and on no tick yet. */
  readonly untold: Decimal
}

/**
 * The volumes of ticks, from the exchange's own minute candles: a ticker only knows the last day's. A minute's volume comes whole, on the
 * first tick after its candle.
 */
export function watchMinutes(options: {
  readonly products: readonly string[]
  readonly candlesOf: CandlesOf
  readonly clock: WallClock
  readonly signal: AbortSignal
  readonly tell: (notice: MarketNotice) => void
}): { readonly take: (product: string) => TickVolumes } {
  const { products, candlesOf, clock, signal, tell } = options
  const openedAt = clock.now()
  const minutes = new Map<string, Minutes>()
  const failing = new Set<string>()

  const learn = async (product: string): Promise<void> => {
    const before = minutes.get(product) ?? { newest: null, untold: zero }
    const now = clock.now()
    try {
      const candles = await candlesOf(product, now - recentMs, now)
      const fresh = candles.filter(({ start }) => start + minuteMs > openedAt && start > (before.newest?.start ?? 0))
      const untold = fresh.reduce((total, { volume }) => total.plus(decimal(volume)), before.untold)
      minutes.set(product, { newest: candles.at(-1) ?? before.newest, untold })
      failing.delete(product)
    } catch (error) {
      if (signal.aborted || failing.has(product)) return
      failing.add(product)
      tell({ type: 'backfill_failed', product, detail: `the volume of the last minute is unknown: ${detailOf(error)}` })
    }
  }

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      for (const product of products) if (!signal.aborted) await learn(product)
      const now = clock.now()
      await clock.sleepUntil(now - (now % minuteMs) + minuteMs + publishedAfterMs, signal)
    }
  }

  const take = (product: string): TickVolumes => {
    const { newest, untold } = minutes.get(product) ?? { newest: null, untold: zero }
    minutes.set(product, { newest, untold: zero })
    const isRecent = newest !== null && newest.start >= clock.now() - recentMs
    if (!isRecent || decimal(newest.volume).isZero()) return { volume: toText(untold), candle_volume: '0', last_minute_notional: null }
    return { volume: toText(untold), candle_volume: newest.volume, last_minute_notional: lastMinuteNotional(newest) }
  }

  void run()
  return { take }
}
