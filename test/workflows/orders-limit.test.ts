import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { Exchange, Market } from './orders.ts'

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

const states = async (id: string) => {
  const { state, filled_quantity } = await market.order(id)
  return `${state} ${filled_quantity}`
}

describe('a limit order', () => {
  it('that the market has reached already takes, with the taker fee and never worse than its limit', async () => {
    // Impact 10 bps x sqrt(400 / 400) would make it 100.1; the limit keeps it at 100.05. Fee 60 bps.
    const id = await market.buy({ type: 'limit', quantity: '4', limit_price: '100.05' })
    await market.tick({ lastMinute: '400' })
    expect(await market.fills(id)).toMatchObject([{ price: '100.05', liquidity: 'taker', notional: '400.2', fee: '2.4012' }])

    const sale = await market.sell({ type: 'limit', quantity: '4', limit_price: '99.95' })
    await market.tick({ bid: '100', lastMinute: '400' })
    expect(await market.fills(sale)).toMatchObject([{ price: '99.95', liquidity: 'taker', notional: '399.8', fee: '2.3988' }])
  })

  it('that rests is filled at its limit with the maker fee once the market comes, and gets back what it held for the taker fee', async () => {
    const id = await market.buy({ type: 'limit', quantity: '4', limit_price: '98' })
    expect(await market.heldOf('USD')).toBe('394.35201')
    await market.tick()
    expect(await states(id)).toBe('WORKING 0')
    await market.tick({ bid: '96' })
    // 392 and 40 bps, although 96 was to be had.
    expect(await market.fills(id)).toMatchObject([{ price: '98', liquidity: 'maker', notional: '392', fee: '1.568' }])
    expect(await market.balances()).toMatchObject({ USD: { posted: '9606.432', held: '0' } })
  })

  it('GTC fills over several candles, a tenth of each, and its hold shrinks with it', async () => {
    const id = await market.buy({ type: 'limit', quantity: '5', limit_price: '98' })
    expect(await market.heldOf('USD')).toBe('492.94001')
    await market.tick({ volume: '100' })
    const seen: string[] = []
    for (const volume of ['20', '15', '1', '0', '100']) {
      await market.tick({ bid: '97', volume })
      seen.push(`${await states(id)}, held ${await market.heldOf('USD')}`)
    }
    // The hold pro rata: 2, 3.5 and 3.6 of 5.
    expect(seen).toEqual([
      'PARTIAL 2, held 295.764006',
      'PARTIAL 3.5, held 147.882003',
      'PARTIAL 3.6, held 138.0232028',
      'PARTIAL 3.6, held 138.0232028',
      'FILLED 5, held 0',
    ])
    expect((await market.fills(id)).map(({ quantity, trade_id }) => `${trade_id}: ${quantity}`)).toEqual([
      '1: 2',
      '2: 1.5',
      '3: 0.1',
      '4: 1.4',
    ])
    expect(await market.ended(id)).toMatchObject({ state: 'FILLED', filled_quantity: '5', average_price: '98' })
  })

  it('shares the volume of a candle with the orders before it', async () => {
    const first = await market.buy({ type: 'limit', quantity: '3', limit_price: '98' })
    await market.tick()
    const second = await market.buy({ type: 'limit', quantity: '4', limit_price: '98' })
    await market.tick({ bid: '97', volume: '50' })
    expect([await states(first), await states(second)]).toEqual(['FILLED 3', 'PARTIAL 2'])
  })

  it('IOC fills what it can at its first tick, and the rest is cancelled and its hold returned', async () => {
    const id = await market.buy({ type: 'limit', quantity: '5', limit_price: '101', time_in_force: 'IOC' })
    await market.tick({ volume: '20' })
    expect(await market.order(id)).toMatchObject({
      state: 'CANCELLED',
      filled_quantity: '2',
      state_reason: 'IOC: 3 of 5 did not fill at the first tick',
    })
    expect(await market.heldOf('USD')).toBe('0')
    expect(await market.quantity()).toBe('2')
    await market.tick()
    expect(await market.fills(id)).toHaveLength(1)
  })

  it('FOK fills all or nothing', async () => {
    const id = await market.buy({ type: 'limit', quantity: '5', limit_price: '101', time_in_force: 'FOK' })
    await market.tick({ volume: '49' })
    expect(await states(id)).toBe('CANCELLED 0')
    expect(await market.balances()).toMatchObject({ USD: { posted: '10000', held: '0' } })

    const again = await market.buy({ type: 'limit', quantity: '5', limit_price: '101', time_in_force: 'FOK' })
    await market.tick({ volume: '50' })
    expect(await states(again)).toBe('FILLED 5')
  })

  it('rests without filling while nothing is traded', async () => {
    const id = await market.buy({ type: 'limit', quantity: '5', limit_price: '98' })
    await market.tick({ bid: '97', volume: '0' })
    expect(await states(id)).toBe('WORKING 0')
    expect(await market.heldOf('USD')).toBe('492.94001')
  })
})

describe('a resting order', () => {
  it('is answered by its workflow in the state that it is in', async () => {
    const id = await market.buy({ type: 'limit', quantity: '5', limit_price: '98' })
    const { workflow_id } = await market.order(id)
    const handle = exchange.client.workflow.getHandle(workflow_id)
    const asked = async () => {
      const { state, filled_quantity, average_price, fee } = await market.order(id)
      expect(await handle.query('get_order')).toMatchObject({ state, filled_quantity, average_price, fee })
      return `${state} ${filled_quantity}`
    }
    expect(await asked()).toBe('WORKING 0')
    await market.tick({ bid: '97', volume: '20' })
    expect(await asked()).toBe('PARTIAL 2')
    await market.tick({ bid: '97' })
    expect(await asked()).toBe('FILLED 5')
  })
})
