import { describe, expect, it } from 'vitest'
import { portfolio as portfolioSchema, type Position } from '../contract/position.ts'
import { markPortfolio } from './equity.ts'
import { markPosition } from './mark.ts'
import { emptyPosition } from './position.ts'

const bitcoin = {
  ...emptyPosition('BTC-USD'),
  quantity: '2',
  cost_basis: '200',
  entry_fees: '1.2',
  average_price: '100',
  realized_pnl: '7',
  version: 1,
}
const ether = { ...emptyPosition('ETH-USD'), quantity: '1', cost_basis: '50', entry_fees: '0.3', average_price: '50', version: 1 }
const at = (price: string, market_time: number) => ({ price, market_time })
const mark = (marks: Parameters<typeof markPortfolio>[0]['marks'], positions: readonly Position[] = [bitcoin, ether]) =>
  portfolioSchema.parse(
    markPortfolio({ cash: '1000', heldCash: '100', scraped: '20', fees: '3', positions, marks, marketTime: 10_000, staleAfterMs: 5000 }),
  )

describe('equity', () => {
  it('is cash, scraped profit and the value of the positions', () => {
    const total = mark({ 'BTC-USD': at('110', 9000), 'ETH-USD': at('40', 9000) })
    expect(total).toMatchObject({ position_value: '260', equity: '1280', realized_pnl: '7', unrealized_pnl: '8.5', total_pnl: '15.5' })
    expect(total.price_quality).toBe('live')
  })

  it('says that a price is stale and still uses it', () => {
    const total = mark({ 'BTC-USD': at('110', 4999), 'ETH-USD': at('40', 5000) })
    expect(total.positions.map((position) => position.price_quality)).toEqual(['stale', 'live'])
    expect([total.price_quality, total.position_value, total.positions[0]?.mark_age_ms]).toEqual(['stale', '260', 5001])
  })

  it('gives a position without a price no value, counts it at cost and says missing', () => {
    const total = mark({ 'BTC-USD': at('110', 9000) })
    expect(total.positions[1]).toMatchObject({ market_value: null, unrealized_pnl: null, mark_price: null, price_quality: 'missing' })
    expect([total.position_value, total.equity, total.price_quality]).toEqual(['270', '1290', 'missing'])
  })

  it('needs no price of what is not held', () => {
    const total = mark({ 'BTC-USD': at('110', 9000) }, [bitcoin, emptyPosition('ETH-USD')])
    expect([total.price_quality, total.positions[1]?.market_value]).toEqual(['live', '0'])
  })

  it('rounds a market value down', () => {
    const position = { ...bitcoin, quantity: '0.00000003' }
    expect(markPosition({ position, mark: at('0.5', 0), marketTime: 0, staleAfterMs: 1 }).market_value).toBe('0.00000001')
  })
})
