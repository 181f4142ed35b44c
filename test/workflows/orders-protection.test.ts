import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { setTradingFlag } from '@trader/server/database/queries/trading-flag'
import { Exchange, eventually, Market } from './orders.ts'

let exchange: Exchange
let market: Market

beforeAll(async () => {
  exchange = await Exchange.start(inject('postgresUrl'))
  await exchange.startWorker()
})
afterAll(() => exchange.stop())
beforeEach(async () => {
  market = await Market.open(exchange)
  await market.tick()
})
afterEach(() => market.check())

/** Buys with a stop at 95 and a take-profit at 110, and fills it. */
async function protectedPosition(quantity = '4'): Promise<{ entry: string; stop: string; takeProfit: string }> {
  const entry = await market.buy({ quantity, stop_price: '95', take_profit: '110' })
  await market.tick()
  return { entry, ...(await exitsOf(entry)) }
}
const exitsOf = async (entry: string) => ({
  stop: await market.exitOf(entry, 'stop'),
  takeProfit: await market.exitOf(entry, 'take_profit'),
})
const stateOf = async (id: string) => (await market.order(id)).state
const sold = async (id: string) => (await market.fills(id)).map(({ quantity, price }) => `${quantity} at ${price}`)

describe('an entry with a stop and a take-profit', () => {
  it('arms both after its first fill, for what was filled, and they hold nothing', async () => {
    const { entry, stop, takeProfit } = await protectedPosition()
    expect(await market.order(stop)).toMatchObject({ state: 'ARMED', side: 'SELL', quantity: '4', stop_price: '95', take_profit: null })
    expect(await market.order(takeProfit)).toMatchObject({
      state: 'ARMED',
      side: 'SELL',
      quantity: '4',
      stop_price: null,
      take_profit: '110',
    })
    expect(await market.heldOf('BTC')).toBe('0')
    const { correlation_id } = await market.order(entry)
    expect((await market.exitsOf(entry)).map((exit) => exit.correlation_id)).toEqual([correlation_id, correlation_id])
  })

  it('arms nothing before it fills', async () => {
    const entry = await market.buy({ type: 'limit', limit_price: '98', quantity: '4', stop_price: '95' })
    await market.tick()
    expect(await market.exitsOf(entry)).toEqual([])
  })

  it.each([
    { type: 'stop', bid: '94', other: 'take_profit' },
    { type: 'take_profit', bid: '111', other: 'stop' },
  ] as const)(
    'sells by its $type at the tick after the one that woke it, and the other is cancelled everywhere',
    async ({ type, bid, other }) => {
      const { entry } = await protectedPosition()
      const [exit, sibling] = [await market.exitOf(entry, type), await market.exitOf(entry, other)]
      await market.tick({ bid })
      expect(await market.fills(exit)).toEqual([])
      expect(await market.order(exit)).toMatchObject({ state: 'WORKING', quantity: '4' })
      expect(await market.heldOf('BTC')).toBe('4')
      expect(await market.ended(sibling)).toMatchObject({ state: 'CANCELLED' })
      expect(await stateOf(sibling)).toBe('CANCELLED')
      const { rows } = await exchange.pool.query('select closed_state from paper_order where order_id = $1', [sibling])
      expect(rows).toEqual([{ closed_state: 'CANCELLED' }])

      // It is a market order by now: the price has come back and it sells all the same, at the bid less 0.2 bps x sqrt of its size.
      await market.tick({ bid: '100' })
      expect(await sold(exit)).toEqual(['4 at 99.998'])
      expect(await market.ended(exit)).toMatchObject({ state: 'FILLED', filled_quantity: '4' })
      expect(await market.quantity()).toBe('0')
    },
  )

  it('is sold out over several candles when there is too little volume', async () => {
    const { stop } = await protectedPosition()
    await market.tick({ bid: '94', volume: '30' })
    await market.tick({ bid: '93', volume: '30' })
    expect(await market.order(stop)).toMatchObject({ state: 'PARTIAL', filled_quantity: '3' })
    await market.tick({ bid: '92', volume: '30' })
    expect(await stateOf(stop)).toBe('FILLED')
    expect(await market.quantity()).toBe('0')
  })

  it('triggers and sells within one batch of ticks', async () => {
    const { stop } = await protectedPosition()
    await market.match(
      await market.show([
        { bid: '94', after: 1000 },
        { bid: '93', after: 1000 },
      ]),
    )
    expect(await market.order(stop)).toMatchObject({ state: 'FILLED' })
  })

  it('that could fill only in part is protected for that part', async () => {
    const entry = await market.buy({ quantity: '10', stop_price: '95', take_profit: '110' })
    await market.tick({ volume: '30' })
    expect(await market.order(entry)).toMatchObject({ state: 'CANCELLED', filled_quantity: '3' })
    const { stop, takeProfit } = await exitsOf(entry)
    expect([(await market.order(stop)).quantity, (await market.order(takeProfit)).quantity]).toEqual(['3', '3'])
  })

  it('is protected for each of its fills as they come', async () => {
    const entry = await market.buy({ type: 'limit', limit_price: '98', quantity: '10', stop_price: '95', take_profit: '110' })
    await market.tick()
    await market.tick({ bid: '97', volume: '30' })
    const { stop, takeProfit } = await exitsOf(entry)
    expect((await market.order(stop)).quantity).toBe('3')
    await market.tick({ bid: '97', volume: '20' })
    expect([(await market.order(stop)).quantity, (await market.order(takeProfit)).quantity]).toEqual(['5', '5'])
    expect(await market.exitsOf(entry)).toHaveLength(2)
  })

  it('buys no more once one of its exits was triggered', async () => {
    const entry = await market.buy({ type: 'limit', limit_price: '98', quantity: '10', stop_price: '95' })
    await market.tick()
    await market.tick({ bid: '97', volume: '30' })
    const stop = await market.exitOf(entry, 'stop')
    // The tick that wakes the stop also fills another 2 of the entry: the stop sells them too.
    await market.tick({ bid: '94', volume: '20' })
    expect(await market.order(entry)).toMatchObject({ state: 'CANCELLED', filled_quantity: '5' })
    await market.tick({ bid: '94' })
    expect(await sold(stop)).toEqual([expect.stringMatching(/^5 at /)])
    expect(await market.quantity()).toBe('0')
    expect(await market.heldOf('USD')).toBe('0')
  })

  it('sells its own part when two entries share a position', async () => {
    const first = await market.buy({ quantity: '10', stop_price: '95' })
    await market.tick({ volume: '30' })
    const second = await market.buy({ quantity: '4', stop_price: '90' })
    await market.tick()
    expect(await market.quantity()).toBe('7')
    const [stop, lower] = [await market.exitOf(first, 'stop'), await market.exitOf(second, 'stop')]
    await market.tick({ bid: '94' })
    await market.tick({ bid: '94' })
    expect(await sold(stop)).toEqual([expect.stringMatching(/^3 at /)])
    expect(await stateOf(lower)).toBe('ARMED')
    await market.tick({ bid: '89' })
    await market.tick({ bid: '89' })
    expect(await sold(lower)).toEqual([expect.stringMatching(/^4 at /)])
  })
})

describe('a position that is closed in another way', () => {
  it('takes its exits with it, and they never sell a later position', async () => {
    const { stop, takeProfit } = await protectedPosition()
    await market.sell({ quantity: '4' })
    await market.tick()
    expect([(await market.ended(stop)).state, (await market.ended(takeProfit)).state]).toEqual(['CANCELLED', 'CANCELLED'])
    expect(await market.order(stop)).toMatchObject({ state: 'CANCELLED', state_reason: 'the BTC-USD position is closed' })

    await market.buy({ quantity: '4' })
    await market.tick()
    await market.tick({ bid: '94' })
    await market.tick({ bid: '94' })
    expect(await market.quantity()).toBe('4')
  })

  it('in part leaves its exits armed, and they sell no more than what is left', async () => {
    const { stop } = await protectedPosition()
    await market.sell({ quantity: '1.5' })
    await market.tick()
    await market.tick({ bid: '94' })
    expect(await market.order(stop)).toMatchObject({ state: 'WORKING', quantity: '2.5' })
    await market.tick({ bid: '94' })
    expect(await market.quantity()).toBe('0')
  })

  it('and is then bought again by the same entry gets new exits', async () => {
    const entry = await market.buy({ type: 'limit', limit_price: '98', quantity: '10', stop_price: '95' })
    await market.tick()
    await market.tick({ bid: '97', volume: '30' })
    const before = await market.exitOf(entry, 'stop')
    await market.sell({ quantity: '3' })
    await market.tick()
    expect(await stateOf(before)).toBe('CANCELLED')
    await market.tick({ bid: '97', volume: '20' })
    const after = await market.exitOf(entry, 'stop')
    expect(after).not.toBe(before)
    expect(await market.order(after)).toMatchObject({ state: 'ARMED', quantity: '2' })
  })
})

describe('a position that other sales hold', () => {
  it('is sold by its stop all the same: a resting sale gives way', async () => {
    const { stop, takeProfit } = await protectedPosition()
    const resting = await market.sell({ type: 'limit', quantity: '4', limit_price: '120' })
    await market.tick()
    await market.tick({ bid: '94' })
    expect(await market.order(resting)).toMatchObject({
      state: 'CANCELLED',
      state_reason: `exit ${stop} of this position was triggered`,
    })
    expect(await market.order(stop)).toMatchObject({ state: 'WORKING', quantity: '4' })
    await market.tick({ bid: '93' })
    expect([await stateOf(stop), await stateOf(takeProfit), await market.quantity()]).toEqual(['FILLED', 'CANCELLED', '0'])
  })

  it('gives way by no more sales than the exit needs, the newest first, after what each has sold', async () => {
    const { stop } = await protectedPosition()
    const [first, second] = [
      await market.sell({ type: 'limit', quantity: '1', limit_price: '104' }),
      await market.sell({ type: 'limit', quantity: '2', limit_price: '120' }),
    ]
    await market.tick()
    await market.tick({ bid: '104', volume: '5' })
    expect(await market.order(first)).toMatchObject({ state: 'PARTIAL', filled_quantity: '0.5' })
    await market.buy({ quantity: '1' })
    await market.tick({ bid: '100', volume: '10' })
    // Of 4.5, the sales hold 2 and 0.5; the stop is for 4.
    await market.tick({ bid: '94' })
    expect([await stateOf(second), await stateOf(first)]).toEqual(['CANCELLED', 'PARTIAL'])
    await market.tick({ bid: '94' })
    expect(await sold(stop)).toEqual([expect.stringMatching(/^4 at /)])
    expect(await market.quantity()).toBe('0.5')
  })

  it('leaves a sale alone that is not in the way of the exit', async () => {
    const { stop } = await protectedPosition('2')
    await market.buy({ quantity: '3' })
    await market.tick()
    const resting = await market.sell({ type: 'limit', quantity: '3', limit_price: '120' })
    await market.tick()
    await market.tick({ bid: '94' })
    await market.tick({ bid: '94' })
    expect(await sold(stop)).toEqual([expect.stringMatching(/^2 at /)])
    expect(await market.order(resting)).toMatchObject({ state: 'WORKING' })
  })

  it('and is sold out by such a sale at the very tick that wakes the exit leaves it nothing, and nothing waits for ever', async () => {
    const { stop, takeProfit } = await protectedPosition()
    const resting = await market.sell({ type: 'limit', quantity: '4', limit_price: '110' })
    await market.tick()
    await market.tick({ bid: '110' })
    expect([await stateOf(resting), await stateOf(takeProfit), await stateOf(stop)]).toEqual(['FILLED', 'CANCELLED', 'CANCELLED'])
    expect(await market.quantity()).toBe('0')
    // Had the sale waited for the exit, which waits for the sale, a time limit would have parted them.
    const { events } = await exchange.client.workflow.getHandle((await market.order(takeProfit)).workflow_id).fetchHistory()
    const attempts = (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) => (started == null ? [] : [started.attempt]))
    expect(attempts).toEqual(attempts.map(() => 1))
    expect(attempts.length).toBeGreaterThan(2)
  })
})

describe('an exit that is refused when it wakes', () => {
  it('is over at the venue too, and never wakes again', async () => {
    const { stop } = await protectedPosition()
    const halt = { book: 'paper', state: 'halted' as const, who: 'test', reason: 'test', market_time: market.time }
    await setTradingFlag(exchange.pool, halt)
    await market.tick({ bid: '94' })
    expect(await market.ended(stop)).toMatchObject({ state: 'CANCELLED', state_reason: 'trading of book paper is halted' })
    await market.setFlag('active')
    await market.tick({ bid: '94' })
    await market.tick({ bid: '94' })
    expect(await market.fills(stop)).toEqual([])
    expect(await market.quantity()).toBe('4')
  })
})

describe('protection that is refused', () => {
  it('is on record, with the entry it was for', async () => {
    const entry = await market.buy({ quantity: '4', stop_price: '95', take_profit: '110' })
    await market.setFlag('halted')
    await market.tick()
    expect(await market.exitsOf(entry)).toEqual([])
    await eventually(async () => {
      expect(await market.blocks()).toMatchObject([
        { reason: 'TRADING_HALTED', request: { type: 'take_profit', quantity: '4', take_profit: '110' } },
        { reason: 'TRADING_HALTED', request: { type: 'stop', quantity: '4', stop_price: '95' } },
      ])
    })
  })
})
