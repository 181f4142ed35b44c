import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { candlesOf, portfolioOf, snapshotOf, viewOf } from '../../../test/support/decision-snapshot.ts'
import { productDecision, type ProductDecision } from '../contract/decision.ts'
import { orderRequest } from '../contract/order.ts'
import { policy as policySchema } from '../contract/prompt-version.ts'
import { decimal, sum } from '../money/decimal.ts'
import type { DecisionSnapshot } from './decision-snapshot.ts'
import { boundProposal } from './policy-bounds.ts'
import { proposalConflict } from './proposal-conflict.ts'

const view = viewOf(candlesOf([100, 100]))
const other = viewOf(candlesOf([50, 50], 'ETH-USD'))
const snapshot = snapshotOf([view, other])
const { policy } = snapshot.prompt
const proposal = (changes: Partial<ProductDecision>): ProductDecision => ({
  product: 'BTC-USD',
  action: 'BUY',
  order_type: 'market',
  confidence: 0.6,
  expected_edge_bps: 180,
  reasoning: '',
  evidence: [],
  ...changes,
})
const bound = (decisions: readonly Partial<ProductDecision>[], seen: DecisionSnapshot = snapshot, inForce = policy) =>
  boundProposal({ decision: { decisions: decisions.map(proposal), summary: '' }, snapshot: seen, policy: inForce })
const holding = { ...snapshot, portfolio: portfolioOf({ cash: '9000', held: { product: 'BTC-USD', quantity: 10, price: 100 } }) }

describe('boundProposal', () => {
  it('turns a buy inside the policy into its request, unchanged', () => {
    expect(bound([{ fraction: 0.1, stop_price: '95', take_profit: '110' }])).toEqual({
      orders: [
        { product: 'BTC-USD', side: 'BUY', type: 'market', notional: '1000', stop_price: '95', take_profit: '110', expected_edge_bps: 180 },
      ],
      refusals: [],
      cuts: [],
    })
  })

  it('gives no order for HOLD', () => {
    expect(bound([{ action: 'HOLD' }])).toEqual({ orders: [], refusals: [], cuts: [] })
  })

  it('cuts a buy to the largest position', () => {
    const { orders, cuts } = bound([{ notional: '9000' }])
    expect(orders).toMatchObject([{ notional: '2000' }])
    expect(cuts).toEqual(['BUY BTC-USD cut from 9000 to 2000'])
    expect(bound([{ notional: '9000' }], holding).orders).toMatchObject([{ notional: '1000' }])
  })

  it('counts open buys, and refuses where no room is left', () => {
    const seen = { ...snapshot, products: [{ ...view, open_buy_notional: '1995' }] }
    expect(bound([{ fraction: 0.1 }], seen)).toMatchObject({ orders: [], refusals: [{ reason: 'POLICY_BOUND' }] })
  })

  it('keeps the cash reserve over all buys of one answer', () => {
    const seen = { ...snapshot, portfolio: { ...snapshot.portfolio, cash: '3000' } }
    const { orders, refusals } = bound([{ fraction: 0.2 }, { product: 'ETH-USD', fraction: 0.2 }], seen)
    expect(orders).toMatchObject([{ product: 'BTC-USD', notional: '1476.29' }])
    expect(refusals).toMatchObject([{ reason: 'CASH_RESERVE' }])
  })

  it('spends no cash that open orders hold', () => {
    const seen = { ...snapshot, portfolio: { ...snapshot.portfolio, held_cash: '8490' } }
    expect(bound([{ fraction: 0.1 }], seen)).toMatchObject({ orders: [], refusals: [{ reason: 'CASH_RESERVE' }] })
  })

  it('refuses an entry below the least edge or within the cool-down, and lets exits go', () => {
    expect(bound([{ fraction: 0.1, expected_edge_bps: 99.9 }])).toMatchObject({ orders: [], refusals: [{ reason: 'POLICY_BOUND' }] })
    const justTraded = { ...holding, products: [{ ...view, last_order_at: snapshot.market_time - 1_799_000 }] }
    expect(bound([{ fraction: 0.1 }], justTraded)).toMatchObject({ orders: [], refusals: [{ reason: 'COOL_DOWN' }] })
    expect(bound([{ action: 'SELL', fraction: 1, expected_edge_bps: 0 }], justTraded).orders).toMatchObject([
      { side: 'SELL', quantity: '10' },
    ])
  })

  it('tells every check that a refused buy fails, what waiting alone would mend last', () => {
    const justTraded = { ...snapshot, products: [{ ...view, last_order_at: snapshot.market_time, open_buy_notional: '1995' }] }
    const [refusal] = bound([{ notional: '9', expected_edge_bps: 1, stop_price: '101' }], justTraded).refusals
    expect(refusal).toMatchObject({ reason: 'INVALID_ORDER', detail: 'stop_price 101 must be below the entry at 100.01' })
    expect(refusal?.reasons.map(({ reason }) => reason)).toEqual([
      'INVALID_ORDER',
      'MIN_NOTIONAL',
      'POLICY_BOUND',
      'POLICY_BOUND',
      'COOL_DOWN',
    ])
  })

  it('refuses a stop above the entry, a take-profit below it and a size below the minimum', () => {
    expect(bound([{ fraction: 0.1, stop_price: '101' }]).refusals).toMatchObject([{ reason: 'INVALID_ORDER' }])
    expect(bound([{ fraction: 0.1, take_profit: '99' }]).refusals).toMatchObject([{ reason: 'INVALID_ORDER' }])
    expect(bound([{ notional: '9.99' }]).refusals).toMatchObject([{ reason: 'MIN_NOTIONAL' }])
    expect(bound([{ fraction: 0.1, order_type: 'limit', limit_price: '90', stop_price: '91' }]).refusals).toMatchObject([
      { reason: 'INVALID_ORDER' },
    ])
  })

  it('never sells more than is held, and no less than leaves dust', () => {
    expect(bound([{ action: 'SELL', notional: '5000' }], holding)).toMatchObject({
      orders: [{ quantity: '10' }],
      cuts: [expect.stringContaining('SELL BTC-USD cut')],
    })
    expect(bound([{ action: 'SELL', fraction: 0.5 }], holding).orders).toMatchObject([{ quantity: '5' }])
    expect(bound([{ action: 'SELL', fraction: 0.999 }], holding).orders).toMatchObject([{ quantity: '10' }])
    const selling = { ...holding, products: [{ ...view, open_sell_quantity: '4' }] }
    expect(bound([{ action: 'SELL', fraction: 1 }], selling).orders).toMatchObject([{ quantity: '6' }])
    expect(bound([{ action: 'SELL', fraction: 1 }]).refusals).toMatchObject([{ reason: 'INSUFFICIENT_HOLDINGS' }])
  })

  it('sells before it buys', () => {
    const { orders } = bound(
      [
        { product: 'ETH-USD', fraction: 0.1 },
        { action: 'SELL', fraction: 1 },
      ],
      holding,
    )
    expect(orders.map((order) => order.side)).toEqual(['SELL', 'BUY'])
  })

  it('refuses a product without a price', () => {
    const seen = { ...holding, products: [{ ...view, tick: null }] }
    expect(bound([{ fraction: 0.1 }, { product: 'ETH-USD', fraction: 0.1 }], seen).refusals.map(({ reason }) => reason)).toEqual([
      'MISSING_MARKET_DATA',
      'MISSING_MARKET_DATA',
    ])
  })

  it('crashes on a proposal that was never parsed', () => {
    expect(() => bound([{ fraction: 0.1, notional: '100' }])).toThrow('was not parsed')
  })

  it('never exceeds the policy or the holdings, whatever is proposed', () => {
    const percent = fc.integer({ min: 0, max: 100 }).map((value) => value / 100)
    const amount = fc.oneof(
      fc.integer({ min: 0, max: 10_000_000 }).map((value) => (value / 100).toFixed(2)),
      fc.constant('99999999999999999999'),
    )
    const size = fc.oneof(fc.record({ notional: amount }), fc.record({ fraction: percent }))
    const type = fc.constantFrom({}, { order_type: 'limit', limit_price: '90' }, { stop_price: '89' }, { stop_price: '101' })
    const rest = fc.record({
      product: fc.constantFrom('BTC-USD', 'ETH-USD'),
      action: fc.constantFrom('BUY', 'BUY', 'SELL', 'HOLD'),
      confidence: fc.constant(0.5),
      expected_edge_bps: fc.integer({ min: -100, max: 1000 }),
      reasoning: fc.constant(''),
      evidence: fc.constant([]),
    })
    const decision = fc
      .tuple(rest, size, type)
      .map((parts) => productDecision.safeParse(Object.assign({}, ...parts)).data)
      .filter((value) => value !== undefined && proposalConflict(value) === null)
    const anyPolicy = fc
      .record({
        max_position: percent,
        cash_reserve: percent,
        min_edge_bps: fc.nat(300),
      })
      .map((bounds) => policySchema.parse(Object.assign({}, policy, bounds)))
    const state = fc.record({ cash: fc.nat(20_000), quantity: fc.nat(100), openBuy: fc.nat(3000), openSell: fc.nat(120) })
    let placed = 0
    fc.assert(
      fc.property(
        fc.uniqueArray(decision, { selector: (value) => value?.product, maxLength: 2 }),
        anyPolicy,
        state,
        (decisions, inForce, world) => {
          const portfolio = portfolioOf({ cash: String(world.cash), held: { product: 'BTC-USD', quantity: world.quantity, price: 100 } })
          const btc = { ...view, open_buy_notional: String(world.openBuy), open_sell_quantity: String(world.openSell) }
          const seen = { ...snapshot, portfolio, products: [btc, other] }
          const { orders, refusals } = bound(
            decisions.filter((value) => value !== undefined),
            seen,
            inForce,
          )
          placed += orders.length
          for (const request of [...orders, ...refusals.map((refusal) => refusal.request)])
            expect(orderRequest.safeParse(request).error).toBeUndefined()
          const equity = decimal(portfolio.equity)
          const buys = orders.filter((order) => order.side === 'BUY')
          for (const order of buys) {
            const already = order.product === 'BTC-USD' ? world.quantity * 100 + world.openBuy : 0
            expect(
              decimal(order.notional ?? '0')
                .plus(already)
                .lte(equity.times(inForce.max_position)),
            ).toBe(true)
            expect(order.expected_edge_bps).toBeGreaterThanOrEqual(inForce.min_edge_bps)
          }
          const spent = sum(buys.map((order) => decimal(order.notional ?? '0').times('1.006')))
          if (buys.length > 0) expect(decimal(portfolio.cash).minus(spent).gte(equity.times(inForce.cash_reserve))).toBe(true)
          for (const order of orders.filter((candidate) => candidate.side === 'SELL')) {
            expect(decimal(order.quantity ?? '0').lte(order.product === 'BTC-USD' ? Math.max(0, world.quantity - world.openSell) : 0)).toBe(
              true,
            )
          }
        },
      ),
      { numRuns: 1000 },
    )
    expect(placed).toBeGreaterThan(50)
  })
})
