import type { Tick } from '../contract/tick.ts'
import type { Product } from '../market/product.ts'
import { stateAt, useVolume, type MatchState } from './candle-capacity.ts'
import { defaultFillModel, type FillModel } from './fill-model.ts'
import type { MatchOutcome } from './match-outcome.ts'
import type { OpenOrder } from './open-order.ts'
import { quoteOf } from './quote.ts'
import { exitWinners, watchExit } from './watch-exit.ts'
import { workOrder } from './work-order.ts'

export interface MatchResult {
  /** In the order of the orders given; a fill comes before the closing it causes. */
  readonly outcomes: readonly MatchOutcome[]
  /** What is still open, in the order given. */
  readonly orders: readonly OpenOrder[]
  readonly state: MatchState
}

/**
 * The one fill model, of the paper venue and the backtester: what one tick does to the open orders of one product.
 *
 * Latency: a decision at time s has seen only ticks before s, so its orders (`activeFrom` = s) meet the first tick with
 * market_time >= s. An exit woken by the tick at t has seen it, so it meets the first tick after t.
 *
 * Orders are served in the order given. Together they take at most `maxParticipation` of a candle's volume, so a candle
 * without volume fills nothing. At its first tick an IOC order fills what it can and an FOK order all or nothing; what
 * is left is cancelled. GTC goes on until filled or expired. Prices: `fillOffer`. Exits: `watchExit`. A tick at or before
 * the last one matched does nothing, so a repeated batch cannot fill twice.
 */
export function matchTick(options: {
  readonly orders: readonly OpenOrder[]
  readonly tick: Tick
  readonly product: Product
  readonly timeframeMs: number
  readonly state: MatchState
  readonly model?: FillModel
}): MatchResult {
  const { orders, tick, product, timeframeMs, model = defaultFillModel } = options
  if (tick.product !== product.id) throw new Error(`a tick of ${tick.product} cannot match orders of ${product.id}`)
  const { lastTickTime } = options.state
  if (lastTickTime !== null && tick.market_time <= lastTickTime) return { outcomes: [], orders, state: options.state }

  const quote = quoteOf(tick)
  const winners = exitWinners(orders, quote)
  const outcomes: MatchOutcome[] = []
  const open: OpenOrder[] = []
  let state = stateAt({ state: options.state, marketTime: tick.market_time, timeframeMs })
  for (const order of orders) {
    const step = order.isArmed ? watchExit({ order, quote, winners }) : workOrder({ order, quote, product, state, model })
    outcomes.push(...step.outcomes)
    if (step.order !== null) open.push(step.order)
    state = useVolume(state, step.filled)
  }
  return { outcomes, orders: open, state }
}
