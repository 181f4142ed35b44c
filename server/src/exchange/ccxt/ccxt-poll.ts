import type { MarketNotice, RawTick } from '../market-source.ts'
import type { WallClock } from '../wall-clock.ts'
import { watchHealth } from './ccxt-health.ts'
import { averageMinute, toTick } from './ccxt-tick.ts'
import { type CcxtTicker, type CcxtVenue, detailOf } from './ccxt-venue.ts'
import { watchMinutes } from './minute-candles.ts'
import { backfillCandles, type CandlesOf } from '../backfill.ts'

export interface PollTiming {
  /** From one question to the next, ms. */
  readonly pollMs: number
  readonly firstBackOffMs: number
  readonly longestBackOffMs: number
}

export interface PollOptions {
  readonly venue: CcxtVenue
  readonly products: readonly string[]
  readonly candlesOf: CandlesOf
  readonly spreadBps: number
  readonly clock: WallClock
  readonly timing: PollTiming
  /** Ends the asking. */
  readonly signal: AbortSignal
  /** Between 0 and 1. */
  readonly random?: () => number
}

/** Ticks kept between two batches; a caller that stays away for longer loses the oldest, and is told. */
const longestBuffer = 20_000

type Answer = PromiseSettledResult<CcxtTicker>

/**
 * Asks for tickers, each product about once a second: singly, or in one question where the exchange's rate limit would not allow that; a
 * product that this leaves out is asked for alone from then on. Failed questions are asked again with doubling back-off and jitter; told
 * to slow down, all of them wait.
 */
export function pollTickers(options: PollOptions) {
  const { venue, products, candlesOf, clock, timing, signal, random = Math.random } = options
  const ticks: RawTick[] = []
  const notices: MarketNotice[] = []
  const tell = (notice: MarketNotice): void => {
    if (!signal.aborted) notices.push(notice)
  }
  const backfill = (asked: readonly string[], from: number): Promise<void> =>
    backfillCandles({ products: asked, from, to: clock.now(), candlesOf, tell })
  const health = watchHealth({
    venue: venue.name,
    products,
    now: clock.now,
    tell,
    fillIn: (product, from) => void backfill([product], from),
  })
  const minutes = venue.has.minuteCandles ? watchMinutes({ products, candlesOf, clock, signal, tell }) : null
  let waitUntil = 0
  let together = products

  /** `ask` says whether any product was answered; null: there is nothing left to ask. */
  const keepAsking = async (ask: () => Promise<boolean | null>): Promise<void> => {
    let failures = 0
    while (!signal.aborted) {
      const begun = clock.now()
      const isAnswered = await ask()
      if (isAnswered === null) return
      failures = isAnswered ? 0 : failures + 1
      const due = failures === 0 ? begun + timing.pollMs : clock.now() + backOffMs(failures)
      await clock.sleepUntil(Math.max(due, waitUntil), signal)
    }
  }

  const askAlone = async (product: string): Promise<boolean> => {
    const [answer] = await Promise.allSettled([venue.ticker(product)])
    return settle(product, answer)
  }

  const askTogether = async (): Promise<boolean | null> => {
    const [all] = await Promise.allSettled([venue.tickers(together)])
    if (all.status === 'rejected' && !(venue.has.ticker && venue.faultOf(all.reason) === 'refused')) {
      for (const product of together) settle(product, all)
      return false
    }
    const found = all.status === 'fulfilled' ? all.value : new Map<string, CcxtTicker>()
    const isAnswered = [...found].map(([product, answer]) => receive(product, answer)).includes(true)
    for (const product of together) if (!found.has(product)) leaveOut(product)
    return together.length === 0 ? null : isAnswered
  }

  const leaveOut = (product: string): void => {
    if (!venue.has.ticker) return health.failed(product, { fault: 'refused', detail: `${venue.name} left ${product} out of its tickers` })
    together = together.filter((each) => each !== product)
    void keepAsking(() => askAlone(product))
  }

  const settle = (product: string, answer: Answer): boolean => {
    if (answer.status === 'fulfilled') return receive(product, answer.value)
    if (signal.aborted) return false
    const failure = { fault: venue.faultOf(answer.reason), detail: detailOf(answer.reason) }
    if (failure.fault === 'too_often') waitUntil = clock.now() + 2 * timing.firstBackOffMs
    health.failed(product, failure)
    return false
  }

  const receive = (product: string, answer: CcxtTicker): boolean => {
    if (signal.aborted) return false
    if (answer.last == null) {
      const detail = `${venue.name}'s ticker of ${product} has no price`
      tell({ type: 'malformed', detail, raw: (JSON.stringify(answer.info) ?? 'nothing').slice(0, 500) })
      health.failed(product, { fault: 'refused', detail })
      return false
    }
    health.answered(product)
    const volumes = minutes === null ? averageMinute(answer) : minutes.take(product)
    keep(toTick({ ...answer, last: answer.last }, { product, time: clock.now(), volumes, spreadBps: options.spreadBps }))
    return true
  }

  const keep = (tick: RawTick): void => {
    ticks.push(tick)
    if (ticks.length <= longestBuffer) return
    const lost = ticks.splice(0, longestBuffer / 2)
    notices.push({ type: 'time_gap', from: Number(lost[0]?.market_time), to: Number(lost.at(-1)?.market_time) })
  }

  const backOffMs = (failures: number): number =>
    Math.min(timing.firstBackOffMs * 2 ** (failures - 1), timing.longestBackOffMs) * (0.5 + random() / 2)

  if (isAskedTogether(options)) void keepAsking(askTogether)
  else for (const product of products) void keepAsking(() => askAlone(product))
  return { ticks, notices, backfill }
}

/** Single questions have the better answers, as some exchanges' common one has no quote, but may use half of the rate at most. */
function isAskedTogether({ venue, products, timing }: PollOptions): boolean {
  if (!venue.has.ticker) return true
  return venue.has.tickers && products.length > 1 && products.length * venue.rateLimitMs > timing.pollMs / 2
}
