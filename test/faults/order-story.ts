import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { OrderState } from '@trader/core/contract/order'
import { getPositions } from '@trader/server/database/queries/get-positions'
import { listDecisions } from '@trader/server/database/queries/list-decisions'
import { cancelOrder } from '@trader/server/trading/cancel-order'
import { createFeedDecisions } from '@trader/server/worker/feed-decisions'
import { openFeatureWindow, sendTicks } from '@trader/server/worker/feed/feature-signals'
import { featureId } from '@trader/workflows/names'
import { candlesOf, driftingCloses } from '../support/decision-snapshot.ts'
import { firstTime, type Market, minute, type TickChange } from '../workflows/orders.ts'

/** Everything that a story leaves behind, without ids and times. */
export interface StoryOutcome {
  readonly decisions: readonly string[]
  readonly orders: readonly string[]
  readonly fills: readonly string[]
  readonly balances: unknown
  readonly positions: readonly string[]
  readonly holds: readonly string[]
}

/** A story is told on a market of one product. */
export type Story = (market: Market, product: string) => Promise<StoryOutcome>

/** The tick of the order story, counted from 1, at which its first order begins to fill; nothing is placed until two ticks later. */
export const firstFillTick = 3

/** A resting entry with both exits fills in two ticks, another is cancelled, a part is sold, and the take-profit takes back a resting sale and sells the rest in two ticks. */
export const orderStory: Story = (market, product) => orderStoryWith(market, product, () => undefined)

/** The same, with something done at each tick, such as a fault that begins. */
export async function orderStoryWith(market: Market, product: string, onTick: (tick: number) => void): Promise<StoryOutcome> {
  let ticks = 0
  const tick = async (change: TickChange = {}) => {
    ticks += 1
    onTick(ticks)
    const shown = await market.show([{ product, ...change }])
    await again(() => market.match(shown))
  }
  await tick()
  const entry = await market.buy({ product, type: 'limit', limit_price: '98', quantity: '4', stop_price: '90', take_profit: '110' })
  await tick()
  await tick({ bid: '97', volume: '30' })
  await tick({ bid: '97', volume: '10' })
  await ended(market, entry, 'FILLED')
  const [stop, takeProfit] = [await market.exitOf(entry, 'stop'), await market.exitOf(entry, 'take_profit')]
  const other = await market.buy({ product, type: 'limit', limit_price: '80', quantity: '2' })
  const request = { order: await market.order(other), reason: 'test', marketTime: market.time }
  await cancelOrder({ temporal: market.exchange.client, database: market.exchange.pool }, request)
  await ended(market, other, 'CANCELLED')
  const part = await market.sell({ product, type: 'limit', limit_price: '105', quantity: '1' })
  await tick({ bid: '104' })
  await tick({ bid: '106' })
  await ended(market, part, 'FILLED')
  const resting = await market.sell({ product, type: 'limit', limit_price: '120', quantity: '1', time_in_force: 'GTC' })
  await tick({ bid: '111' })
  await tick({ bid: '111', volume: '20' })
  await tick({ bid: '111', volume: '20' })
  await ended(market, takeProfit, 'FILLED')
  await ended(market, stop, 'CANCELLED')
  await ended(market, resting, 'CANCELLED')
  await tick({ bid: '121' })
  await market.check()
  return outcomeOf(market)
}

/** The offline model buys into a rise, holds a while, is taken out at its take-profit, and is asked once more. */
export const decisionStory: Story = async (market, product) => {
  const target = featureTarget(market, product)
  const closes = driftingCloses({ wobble: 0.002, drift: 0.03 })
  const began = firstTime - (closes.length - 1) * minute
  const candles = candlesOf(closes, product).map((candle) => Object.assign({}, candle, { start: candle.start + began }))
  await openFeatureWindow(target, product, candles)
  const tick = async (change: TickChange) => sendTicks(target, [await market.tick({ product, ...change })])
  await tick({ bid: '10310' })
  await decide(market)
  const [entry] = await market.orders()
  if (entry === undefined) throw new Error('the decision placed no order')
  await market.isAtVenue(entry.order_id)
  await tick({ bid: '10312' })
  await ended(market, entry.order_id, 'FILLED')
  const [stop, takeProfit] = [await market.exitOf(entry.order_id, 'stop'), await market.exitOf(entry.order_id, 'take_profit')]
  await tick({ bid: '10330' })
  await decide(market)
  await tick({ bid: '14000' })
  await market.isAtVenue(takeProfit)
  await tick({ bid: '14000' })
  await ended(market, takeProfit, 'FILLED')
  await ended(market, stop, 'CANCELLED')
  await decide(market)
  await market.check()
  // The next story on this product has a worker of its own.
  await market.exchange.client.workflow.getHandle(featureId(product)).terminate('the story is over')
  return outcomeOf(market)
}

async function decide(market: Market): Promise<void> {
  const { client } = market.exchange
  const decisions = createFeedDecisions({ client, taskQueue: market.taskQueue, modelDeadlineMs: 20_000, log: () => undefined })
  await decisions.decide({ runId: market.runId, book: market.book, marketTime: market.time + 1, model: 'offline' })
}

function featureTarget(market: Market, product: string) {
  const limits = { continue_every: 3600, history_limit: 9000 }
  const plan = {
    run_id: market.runId,
    book: market.book,
    products: [product],
    source: { market: 'replay' as const, files: [], seed: 1, speed: 'max' as const, spread_bps: 2, exchange: null },
    nudge_seconds: 25,
    model: 'offline',
    historical_minutes: 120,
    until: null,
    stream_limits: limits,
    features: { window_seconds: 300, limits },
  }
  return { client: market.exchange.client, taskQueue: market.taskQueue, plan, timeframeMs: minute }
}

/** As the feed, which comes again with the same ticks where a server did not answer it. */
async function again(match: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await match()
    } catch (error) {
      if (attempt === 20) throw error
      await sleep(1000)
    }
  }
}

async function ended(market: Market, id: string, state: OrderState): Promise<void> {
  expect(await market.ended(id)).toMatchObject({ state })
}

async function outcomeOf(market: Market): Promise<StoryOutcome> {
  const { pool } = market.exchange
  const [decisions, orders, fills] = [await listDecisions(pool, { runId: market.runId }), await market.orders(), await market.fills()]
  const { rows } = await pool.query<{ hold: string }>(
    `select hold.state || ' ' || as_text(amount) as hold from hold join orders using (order_id) where run_id = $1 order by hold_id`,
    [market.runId],
  )
  const positions = await getPositions(pool, market.runId)
  return {
    decisions: decisions.map(
      ({ action, hold_reason, orders: placed, model_calls }) =>
        `${action} ${hold_reason ?? ''}, ${placed.length} orders, ${model_calls.length} calls of the model`,
    ),
    orders: orders
      .map(({ side, type, quantity, filled_quantity, state }) => `${side} ${type} ${filled_quantity} of ${quantity} ${state}`)
      .toSorted(),
    fills: fills.map(({ side, quantity, price, fee, scraped }) => `${side} ${quantity} at ${price}, fee ${fee}, scraped ${scraped}`),
    balances: await market.balances().then(({ USD, ...base }) => [USD, ...Object.values(base)]),
    positions: positions.map(({ quantity }) => quantity),
    holds: rows.map(({ hold }) => hold),
  }
}
