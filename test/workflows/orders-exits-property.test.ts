import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { decimal, sum } from '@trader/core/money/decimal'
import { isTerminal } from '@trader/core/order/state-machine'
import { cancelOrder } from '@trader/server/trading/cancel-order'
import { Exchange, Market } from './orders.ts'

// Random histories of one position that stops protect, on the real ledger, workflows and venue. `EXIT_RUNS` makes more of them.

const runs = Number(process.env['EXIT_RUNS'] ?? 6)
const stop = '95'

let exchange: Exchange
beforeAll(async () => {
  exchange = await Exchange.start(inject('postgresUrl'))
  await exchange.startWorker()
})
afterAll(() => exchange.stop())

type Step =
  | { readonly type: 'buy'; readonly quantity: number; readonly takeProfit: string | undefined; readonly limit: string | undefined }
  | { readonly type: 'sell'; readonly quantity: number; readonly limit: string | undefined; readonly isImmediate: boolean }
  | { readonly type: 'cancel'; readonly which: number }
  | { readonly type: 'tick'; readonly bid: string; readonly volume: string }

const quantity = fc.integer({ min: 1, max: 9 }).map((tenths) => tenths / 2)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('buy' as const),
        quantity,
        takeProfit: fc.constantFrom(undefined, '106', '110'),
        limit: fc.constantFrom(undefined, '98', '101'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('sell' as const),
        quantity,
        limit: fc.constantFrom(undefined, '102', '106', '120'),
        isImmediate: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('cancel' as const), which: fc.nat(20) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('tick' as const),
        bid: fc.constantFrom('97', '99', '100', '102', '106', '110'),
        volume: fc.constantFrom('5', '20', '1000'),
      }),
    },
  ),
  { minLength: 4, maxLength: 14 },
)

async function take(market: Market, step: Step): Promise<void> {
  switch (step.type) {
    case 'buy': {
      const { limit, takeProfit } = step
      const type = limit === undefined ? {} : { type: 'limit' as const, limit_price: limit }
      const exits = { stop_price: stop, ...(takeProfit === undefined ? {} : { take_profit: takeProfit }) }
      return void (await market.place([{ quantity: String(step.quantity), ...type, ...exits }]))
    }
    case 'sell': {
      const { limit, isImmediate } = step
      const type = limit === undefined ? {} : { type: 'limit' as const, limit_price: limit }
      const time = { time_in_force: isImmediate ? ('IOC' as const) : ('GTC' as const) }
      return void (await market.place([{ side: 'SELL', quantity: String(step.quantity), ...type, ...time }]))
    }
    case 'cancel': {
      const open = (await market.orders()).filter(({ state, parent_order_id }) => !isTerminal(state) && parent_order_id === null)
      const order = open[step.which % Math.max(1, open.length)]
      if (order === undefined) return
      await cancelOrder({ temporal: exchange.client, database: exchange.pool }, { order, reason: 'test', marketTime: market.time })
      return
    }
    case 'tick':
      return void (await market.tick({ bid: step.bid, volume: step.volume }))
  }
}

/** No more is held than there is, and no exit or sale is for something that another has. */
async function isCovered(market: Market): Promise<void> {
  const { BTC } = await market.balances()
  expect(decimal(BTC?.posted ?? '0').gte(0)).toBe(true)
  expect(decimal(BTC?.held ?? '0').lte(BTC?.posted ?? '0')).toBe(true)
  const bought = sum((await market.fills()).map((fill) => decimal(fill.quantity).times(fill.side === 'BUY' ? 1 : -1)))
  expect(decimal(await market.quantity()).eq(bought)).toBe(true)
}

it(
  'whatever was bought, sold, rested and cancelled before: a crash through the stops sells all that is held, and never more',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const market = await Market.open(exchange)
        await market.tick()
        for (const step of history) {
          await take(market, step)
          await isCovered(market)
        }
        await market.tick({ bid: '94', volume: '1000' })
        await isCovered(market)
        for (let ticks = 0; ticks < 3; ticks += 1) await market.tick({ bid: '93', volume: '10000' })
        await isCovered(market)
        const open = (await market.orders()).filter(({ state }) => !isTerminal(state))
        expect({ position: await market.quantity(), open: open.map(({ side, type, state }) => `${side} ${type} ${state}`) }).toEqual({
          position: '0',
          open: [],
        })
        await market.check()
      }),
      { numRuns: runs, endOnFailure: true },
    )
  },
  60_000 + runs * 60_000,
)
