import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { orderRequest, type OrderRequest } from '../contract/order.ts'
import type { Position } from '../contract/position.ts'
import type { Policy } from '../contract/prompt-version.ts'
import type { Tick } from '../contract/tick.ts'
import { decimal, sum, toText } from '../money/decimal.ts'
import { emptyMatchState } from '../order/candle-capacity.ts'
import { matchTick } from '../order/match-tick.ts'
import type { OpenOrder } from '../order/open-order.ts'
import { markPortfolio } from '../portfolio/equity.ts'
import { emptyPosition } from '../portfolio/position.ts'
import { type CheckedOrder, checkOrders, type CheckOptions, type CheckResult } from './check-orders.ts'
import { defaultRiskLimits, riskLimits, type RiskLimits } from './limits.ts'
import { riskSnapshot, type PlacedOrder, type RiskSnapshot } from './risk-snapshot.ts'

const now = 1_000_000

const tickOf = (product: string, price: string, overrides: Partial<Tick> = {}): Tick => ({
  product,
  market_time: now - 1000,
  price,
  bid: price,
  ask: price,
  volume: '1',
  candle_volume: '100000',
  last_minute_notional: '1000000000000',
  ...overrides,
})

/** 10,000 USD and whatever is held, on a quiet market. */
const snapshotOf = (
  options: { holdings?: Record<string, string>; cash?: string; overrides?: Partial<RiskSnapshot> } = {},
): RiskSnapshot => {
  const { holdings = {}, cash = '10000', overrides = {} } = options
  const ticks = { 'BTC-USD': tickOf('BTC-USD', '100'), 'ETH-USD': tickOf('ETH-USD', '10'), 'SOL-USD': tickOf('SOL-USD', '1') }
  const positionOf = ([product, quantity]: [string, string]): Position => ({ ...emptyPosition(product), quantity, cost_basis: '1' })
  const positions = Object.entries(holdings).map(positionOf)
  const base = { heldCash: '0', scraped: '0', fees: '0', marks: ticks, marketTime: now, staleAfterMs: 5000 }
  const portfolio = markPortfolio({ ...base, cash, positions })
  const wallets = Object.fromEntries(
    [['USD', cash], ...Object.entries(holdings).map(([product, quantity]) => [product.replace('-USD', ''), quantity])].map(
      ([asset, amount]) => [asset, { available: amount ?? '0', tradeable: amount ?? '0' }],
    ),
  )
  return riskSnapshot.parse({
    trading: 'active',
    portfolio,
    wallets,
    orders: [],
    day: { start_equity: portfolio.equity, orders: 0, risk_used: '0' },
    ticks,
    atr_pct: { 'BTC-USD': 1, 'ETH-USD': 1, 'SOL-USD': 1 },
    last_order_at: {},
    entered_at: {},
    ...overrides,
  })
}

const buy = (notional: string, overrides: Partial<OrderRequest> = {}): OrderRequest =>
  orderRequest.parse({ product: 'BTC-USD', side: 'BUY', notional, ...overrides })
const sell = (quantity: string, overrides: Partial<OrderRequest> = {}): OrderRequest =>
  orderRequest.parse({ product: 'BTC-USD', side: 'SELL', quantity, ...overrides })

const check = (requests: OrderRequest[], snapshot = snapshotOf(), overrides: Partial<CheckOptions> = {}): CheckResult =>
  checkOrders({
    requests,
    snapshot,
    limits: defaultRiskLimits,
    policy: null,
    preferences: null,
    feed: { market: 'simulated', timeframeMs: 60_000 },
    marketTime: now,
    ...overrides,
  })
const acceptedOrders = (requests: OrderRequest[], snapshot = snapshotOf()): readonly CheckedOrder[] => {
  const result = check(requests, snapshot)
  if (!result.ok) throw new Error(result.detail)
  return result.orders
}
const reason = (result: CheckResult): string => (result.ok ? 'ok' : result.reason)
const detail = (result: CheckResult): string => (result.ok ? 'ok' : result.detail)
const limits = (overrides: Partial<RiskLimits>): Partial<CheckOptions> => ({ limits: { ...defaultRiskLimits, ...overrides } })

const policy: Policy = {
  mode: 'standard',
  max_position: 0.1,
  cash_reserve: 0.2,
  min_edge_bps: 150,
  cool_down_seconds: 1800,
  preferred_rules: ['momentum'],
}

describe('limits', () => {
  it('are one table, and each is settable and validated', () => {
    expect(defaultRiskLimits).toMatchObject({
      starting_cash: '10000',
      max_position: 0.25,
      max_gross_exposure: 0.8,
      cash_reserve: 0.05,
      max_daily_loss: 0.03,
      daily_risk_budget: 0.06,
      max_orders_per_day: 50,
      min_notional: '10',
      cool_down_seconds: 60,
    })
    expect(riskLimits.parse({ max_position: 0.1 }).max_position).toBe(0.1)
    for (const wrong of [{ max_position: 1.1 }, { cash_reserve: -0.1 }, { max_orders_per_day: 0 }, { unknown: 1 }]) {
      expect(riskLimits.safeParse(wrong).success).toBe(false)
    }
  })
})

describe('an accepted order', () => {
  it('is sized down to the increment and reserves the price buffer and the taker fee', () => {
    const [order] = acceptedOrders([buy('1000')])
    // 1,000 / 100.000003.. (impact of 1,000 in 10^12), limit 1 % above, fee 60 bps.
    expect(order?.quantity.toNumber()).toBeCloseTo(10, 5)
    expect(toText(order?.limitPrice ?? decimal('0'))).toBe('101')
    expect(order?.hold?.asset).toBe('USD')
    expect(order?.hold?.amount.toNumber()).toBeCloseTo(10 * 101 * 1.006, 3)
    expect(order?.timeInForce).toBe('IOC')
  })

  it('keeps the stop and the take-profit that will protect it', () => {
    const [order] = acceptedOrders([buy('1000', { stop_price: '90', take_profit: '120' })])
    expect([order?.stopPrice, order?.takeProfit].map(String)).toEqual(['90', '120'])
  })

  it('that waits for a trigger holds nothing and, once woken, goes on until it is out', () => {
    const held = snapshotOf({ holdings: { 'BTC-USD': '1' } })
    const [order] = acceptedOrders([sell('1', { type: 'stop', stop_price: '90' })], held)
    expect([order?.hold, order?.timeInForce, order?.limitPrice]).toEqual([null, 'GTC', null])
  })
})

describe('the trading flag', () => {
  const held = snapshotOf({ holdings: { 'BTC-USD': '10' } })
  it('paused refuses entries and lets exits pass', () => {
    const paused = { ...held, trading: 'paused' as const }
    expect([reason(check([buy('100')], paused)), reason(check([sell('1')], paused))]).toEqual(['TRADING_PAUSED', 'ok'])
  })
  it('halted refuses everything', () => {
    const halted = { ...held, trading: 'halted' as const }
    expect([reason(check([buy('100')], halted)), reason(check([sell('1')], halted))]).toEqual(['TRADING_HALTED', 'TRADING_HALTED'])
  })
})

describe('market data', () => {
  it('must be of a known product, present and fresh', () => {
    expect(reason(check([buy('100', { product: 'FOO-USD' })]))).toBe('UNKNOWN_PRODUCT')
    expect(reason(check([buy('100', { product: 'ADA-USD' })]))).toBe('MISSING_MARKET_DATA')
    const old = (age: number) => snapshotOf({ overrides: { ticks: { 'BTC-USD': tickOf('BTC-USD', '100', { market_time: now - age }) } } })
    expect(reason(check([buy('100')], old(5000)))).toBe('ok')
    expect(detail(check([buy('100')], old(5001)))).toBe('the last price of BTC-USD is 5.001 s old; orders need one of at most 5 s')
    expect(reason(check([buy('100')], old(120_000), { feed: { market: 'replay', timeframeMs: 60_000 } }))).toBe('ok')
    expect(reason(check([buy('100')], old(120_001), { feed: { market: 'replay', timeframeMs: 60_000 } }))).toBe('STALE_MARKET_DATA')
  })

  it('is needed of every position before another is entered', () => {
    const blind = snapshotOf({ holdings: { 'ADA-USD': '5' } })
    expect(detail(check([buy('100')], blind))).toBe('equity is unknown: no price of ADA-USD')
  })

  it('is not enough while an order of the product is unresolved', () => {
    const unknown = snapshotOf({ overrides: { orders: [placed({ state: 'UNKNOWN', market_time: 0 })] } })
    expect(reason(check([buy('100')], unknown))).toBe('UNRESOLVED_ORDER')
    expect(reason(check([buy('100', { product: 'ETH-USD' })], unknown))).toBe('ok')
  })
})

describe('prices', () => {
  it('of a limit stay near the touch', () => {
    const limit = (price: string) => buy('100', { type: 'limit', limit_price: price })
    expect([limit('105'), limit('105.01'), limit('50')].map((request) => reason(check([request])))).toEqual(['ok', 'PRICE_SANITY', 'ok'])
    const held = snapshotOf({ holdings: { 'BTC-USD': '10' } })
    expect(reason(check([sell('1', { type: 'limit', limit_price: '94' })], held))).toBe('PRICE_SANITY')
    expect(reason(check([sell('1', { type: 'limit', limit_price: '500' })], held))).toBe('ok')
  })

  it('must come from a book that is not broken, to enter', () => {
    const wide = { 'BTC-USD': tickOf('BTC-USD', '100', { bid: '90', ask: '110' }) }
    const held = snapshotOf({ holdings: { 'BTC-USD': '10' }, overrides: { ticks: wide } })
    expect([reason(check([buy('100')], held)), reason(check([sell('1')], held))]).toEqual(['PRICE_SANITY', 'ok'])
  })

  it('of stops and take-profits lie on their side', () => {
    const held = snapshotOf({ holdings: { 'BTC-USD': '10' } })
    expect(detail(check([buy('100', { stop_price: '100' })]))).toBe('stop_price 100 must be below 100')
    expect(reason(check([buy('100', { take_profit: '99' })]))).toBe('INVALID_ORDER')
    expect(reason(check([sell('1', { type: 'stop', stop_price: '101' })], held))).toBe('INVALID_ORDER')
    expect(reason(check([sell('1', { type: 'take_profit', take_profit: '100' })], held))).toBe('INVALID_ORDER')
  })
})

describe('funds', () => {
  const rich = limits({ cash_reserve: 0, max_position: 1, max_gross_exposure: 1, daily_risk_budget: 1 })

  it('cover cost, buffer and fee', () => {
    expect(reason(check([buy('9841')], undefined, rich))).toBe('ok')
    expect(detail(check([buy('9900')], undefined, rich))).toMatch(
      /^BUY 98\.\d+ BTC-USD needs 1005\d\.\d+ USD with fee and buffer; 10000 is available$/,
    )
  })

  it('cover what is sold, once', () => {
    const held = snapshotOf({ holdings: { 'BTC-USD': '2' } })
    expect([reason(check([sell('2')], held)), reason(check([sell('2.1')], held))]).toEqual(['ok', 'INSUFFICIENT_HOLDINGS'])
    expect(check([sell('1.5'), sell('1')], held)).toMatchObject({ ok: false, index: 1, reason: 'INSUFFICIENT_HOLDINGS' })
    expect(reason(check([sell('2.1', { type: 'stop', stop_price: '90' })], held))).toBe('INSUFFICIENT_HOLDINGS')
  })

  it('stay within the tradeable fraction', () => {
    const half = snapshotOf({ overrides: { wallets: { USD: { available: '10000', tradeable: '500' } } } })
    expect([reason(check([buy('400')], half)), reason(check([buy('500')], half))]).toEqual(['ok', 'TRADEABLE_FRACTION'])
  })

  it('are not spent on crumbs, but the last crumb may be sold', () => {
    const crumbs = snapshotOf({ holdings: { 'BTC-USD': '0.05' } })
    expect([reason(check([buy('9.99')])), reason(check([buy('10')]))]).toEqual(['MIN_NOTIONAL', 'ok'])
    expect([reason(check([sell('0.05')], crumbs)), reason(check([sell('0.04')], crumbs))]).toEqual(['ok', 'MIN_NOTIONAL'])
    expect(reason(check([buy('0.0000001')]))).toBe('MIN_NOTIONAL')
  })
})

describe('exposure', () => {
  it('is bounded per product, position and open buys included', () => {
    expect([reason(check([buy('2500')])), reason(check([buy('2501')]))]).toEqual(['ok', 'MAX_CONCENTRATION'])
    const held = snapshotOf({ holdings: { 'BTC-USD': '20' }, cash: '8000', overrides: {} })
    expect(detail(check([buy('600')], held))).toMatch(/^BTC-USD would be 2599\.99\d+ of equity 10000; at most 25 % is allowed \(limits\)$/)
    const open = snapshotOf({
      overrides: { orders: [placed({ quantity: '30', filled_quantity: '10', limit_price: '100', market_time: 0 })] },
    })
    expect([reason(check([buy('600')], open)), reason(check([buy('400')], open))]).toEqual(['MAX_CONCENTRATION', 'ok'])
  })

  it('is bounded over all products, and the batch counts', () => {
    const loose = limits({ max_position: 1, daily_risk_budget: 1 })
    expect(reason(check([buy('4000'), buy('3900', { product: 'ETH-USD' })], undefined, loose))).toBe('ok')
    const result = check([buy('4000'), buy('4100', { product: 'ETH-USD' })], undefined, loose)
    expect(result).toMatchObject({ ok: false, index: 1, reason: 'MAX_GROSS_EXPOSURE' })
  })

  it('leaves the reserve in cash', () => {
    const loose = limits({ max_position: 1, max_gross_exposure: 1, daily_risk_budget: 1, cash_reserve: 0.5 })
    expect([reason(check([buy('4900')], undefined, loose)), reason(check([buy('4950')], undefined, loose))]).toEqual(['ok', 'CASH_RESERVE'])
  })

  it('follows the policy and the preferences where they are stricter', () => {
    expect(reason(check([buy('1100', { expected_edge_bps: 500 })], undefined, { policy }))).toBe('POLICY_BOUND')
    const preferences = { position_size_comfort: 0.1, cash_reserve_level: 0, max_daily_loss: 1, min_hold_minutes: 0 }
    expect(detail(check([buy('1300')], undefined, { preferences }))).toMatch(/at most 12 % is allowed \(preferences\)$/)
    expect(reason(check([buy('1100')], undefined, { preferences }))).toBe('ok')
  })
})

describe('the day', () => {
  const day = (overrides: Partial<RiskSnapshot['day']>) => {
    const held = snapshotOf({ holdings: { 'BTC-USD': '10' }, cash: '9000' })
    return { ...held, day: { ...held.day, ...overrides } }
  }

  it('ends for entries once it has lost 3 %, not for exits', () => {
    expect(reason(check([buy('100')], day({ start_equity: '10309' })))).toBe('ok')
    expect(detail(check([buy('100')], day({ start_equity: '10310' })))).toBe('the day has lost 310 of 10310; entries stop at 3 % (limits)')
    expect(reason(check([sell('1')], day({ start_equity: '20000' })))).toBe('ok')
    const exactly = snapshotOf({ cash: '9700' })
    expect(reason(check([buy('100')], { ...exactly, day: { ...exactly.day, start_equity: '10000' } }))).toBe('MAX_DAILY_LOSS')
  })

  it('has so many orders, but exits go on', () => {
    expect(reason(check([buy('100')], day({ orders: 49 })))).toBe('ok')
    expect(reason(check([buy('100')], day({ orders: 50 })))).toBe('MAX_DAILY_ORDERS')
    expect(reason(check([buy('100'), buy('200', { product: 'ETH-USD' })], day({ orders: 49 })))).toBe('MAX_DAILY_ORDERS')
    expect(reason(check([sell('1')], day({ orders: 50 })))).toBe('ok')
  })

  it('has a risk budget: to the stop, else two ATR', () => {
    // 600 a day. 1,000 to a stop 10 % below risks 100; without a stop and with ATR of 1 %, 20.
    expect(
      [day({ risk_used: '499.99' }), day({ risk_used: '500.01' })].map((snapshot) =>
        reason(check([buy('1000', { stop_price: '90' })], snapshot)),
      ),
    ).toEqual(['ok', 'DAILY_RISK_BUDGET'])
    expect([day({ risk_used: '580' }), day({ risk_used: '580.01' })].map((snapshot) => reason(check([buy('1000')], snapshot)))).toEqual([
      'ok',
      'DAILY_RISK_BUDGET',
    ])
    const blind = { ...day({ risk_used: '501' }), atr_pct: {} }
    expect(detail(check([buy('1000')], blind))).toMatch(/^risks (100|99\.9999\d+) down to its stop; 501 of today's 600 is used$/)
  })

  it('shares its risk budget within a batch', () => {
    const result = check([buy('1000', { stop_price: '60' }), buy('1000', { product: 'ETH-USD', stop_price: '7' })])
    expect(result).toMatchObject({ ok: false, index: 1, reason: 'DAILY_RISK_BUDGET' })
  })
})

describe('pace', () => {
  it('has a minute between entries of one product, unless it is an exit', () => {
    const recent = (age: number) => snapshotOf({ holdings: { 'BTC-USD': '1' }, overrides: { last_order_at: { 'BTC-USD': now - age } } })
    expect([reason(check([buy('100')], recent(59_999))), reason(check([buy('100')], recent(60_000)))]).toEqual(['COOL_DOWN', 'ok'])
    expect([reason(check([buy('100', { product: 'ETH-USD' })], recent(0))), reason(check([sell('1')], recent(0)))]).toEqual(['ok', 'ok'])
    expect(detail(check([buy('100', { expected_edge_bps: 500 })], recent(60_000), { policy }))).toBe(
      '60 s since the last entry into BTC-USD; wait 1800 s (policy)',
    )
  })

  it('takes an equal entry within a minute for a mistake', () => {
    const filled = { quantity: '1', filled_quantity: '1', state: 'FILLED' as const }
    const twice = (age: number) =>
      snapshotOf({ holdings: { 'BTC-USD': '1' }, overrides: { orders: [placed({ ...filled, market_time: now - age })] } })
    expect([
      reason(check([buy('100')], twice(59_999))),
      reason(check([buy('100')], twice(60_000))),
      reason(check([buy('200')], twice(0))),
    ]).toEqual(['DUPLICATE_INTENT', 'ok', 'ok'])
    expect(check([buy('100'), buy('100')])).toMatchObject({ index: 1, reason: 'DUPLICATE_INTENT' })
  })

  it('takes no entry for a repetition of one that has ended, or of somebody else', () => {
    const after = (earlier: Partial<PlacedOrder>, holdings: Record<string, string> = {}) =>
      reason(
        check(
          [buy('100')],
          snapshotOf({ holdings, overrides: { orders: [placed({ quantity: '1', market_time: now - 1000, ...earlier })] } }),
        ),
      )
    expect(after({ state: 'WORKING' })).toBe('DUPLICATE_INTENT')
    expect(after({ state: 'CANCELLED' })).toBe('ok')
    expect(after({ state: 'EXPIRED' }, { 'BTC-USD': '5' })).toBe('ok')
    const part = { state: 'CANCELLED' as const, filled_quantity: '0.4' }
    expect([after(part, { 'BTC-USD': '0.4' }), after(part)]).toEqual(['DUPLICATE_INTENT', 'ok'])
    // Sold again, as after a flatten.
    expect(after({ state: 'FILLED', filled_quantity: '1' })).toBe('ok')
    expect(after({ state: 'WORKING', author: 'agent' })).toBe('ok')
    const agents = snapshotOf({ overrides: { orders: [placed({ quantity: '1', state: 'WORKING', author: 'agent' })] } })
    expect(reason(check([buy('100', { expected_edge_bps: 500 })], agents, { policy: { ...policy, cool_down_seconds: 0 } }))).toBe(
      'DUPLICATE_INTENT',
    )
  })

  it('holds as long as the user wants, but never keeps a stop from being placed', () => {
    const held = snapshotOf({ holdings: { 'BTC-USD': '1' }, overrides: { entered_at: { 'BTC-USD': now - 600_000 } } })
    const preferences = { position_size_comfort: 1, cash_reserve_level: 0, max_daily_loss: 1, min_hold_minutes: 11 }
    expect(reason(check([sell('1')], held, { preferences }))).toBe('MIN_HOLD')
    expect(reason(check([sell('1')], held, { preferences: { ...preferences, min_hold_minutes: 10 } }))).toBe('ok')
    expect(reason(check([sell('1', { type: 'stop', stop_price: '90' })], held, { preferences }))).toBe('ok')
  })
})

describe('the edge', () => {
  it('must exceed the round trip by a tenth, where one is named', () => {
    // Two taker fees, no spread, next to no impact: 120 bps and 132 with the buffer.
    expect([131.9, 132.1].map((edge) => reason(check([buy('100', { expected_edge_bps: edge })])))).toEqual(['COST_GATE', 'ok'])
    expect(detail(check([buy('100', { expected_edge_bps: 20 })]))).toBe(
      'expected edge 20 bps; the round trip costs 120.00 bps, and with 10 % buffer it must bring 132.00 bps',
    )
    const spread = { 'BTC-USD': tickOf('BTC-USD', '100', { bid: '99.95', ask: '100.05', last_minute_notional: '100' }) }
    // + 10 bps spread and 2 x 10 bps impact = 150; x 1.1 = 165.
    const wide = snapshotOf({ overrides: { ticks: spread } })
    expect([164.9, 165.1].map((edge) => reason(check([buy('100', { expected_edge_bps: edge })], wide)))).toEqual(['COST_GATE', 'ok'])
    const resting = (edge: number) => buy('100', { type: 'limit', limit_price: '99', expected_edge_bps: edge })
    expect([109.9, 110.1].map((edge) => reason(check([resting(edge)])))).toEqual(['COST_GATE', 'ok'])
  })

  it('must reach the minimum of the policy', () => {
    expect([149, 150].map((edge) => reason(check([buy('500', { expected_edge_bps: edge })], undefined, { policy })))).toEqual([
      'POLICY_BOUND',
      'ok',
    ])
  })

  it('is nobody else business for exits and manual orders', () => {
    const held = snapshotOf({ holdings: { 'BTC-USD': '1' } })
    expect(reason(check([sell('1', { expected_edge_bps: -50 })], held, { policy }))).toBe('ok')
    expect(reason(check([buy('100')]))).toBe('ok')
  })
})

describe('a refusal', () => {
  it('tells every check that failed, the most fundamental first, so that waiting hides nothing', () => {
    const poor = snapshotOf({ cash: '50', overrides: { last_order_at: { 'BTC-USD': now - 1000 }, trading: 'paused' } })
    const result = check([buy('100', { expected_edge_bps: 1 })], poor)
    expect(result).toMatchObject({ ok: false, index: 0, reason: 'TRADING_PAUSED', detail: 'trading is paused: only sales are accepted' })
    expect(result.ok ? [] : result.reasons.map((failed) => failed.reason)).toEqual([
      'TRADING_PAUSED',
      'INSUFFICIENT_CASH',
      'TRADEABLE_FRACTION',
      'MAX_CONCENTRATION',
      'MAX_GROSS_EXPOSURE',
      'CASH_RESERVE',
      'COST_GATE',
      'COOL_DOWN',
    ])
    expect(check([buy('100')], { ...poor, trading: 'active' })).toMatchObject({ reason: 'INSUFFICIENT_CASH' })
  })

  it('of a market that nothing can be judged by is told with the flag', () => {
    const blind = snapshotOf({ overrides: { ticks: {}, trading: 'halted' } })
    const result = check([buy('100')], blind)
    expect(result.ok ? [] : result.reasons.map((failed) => failed.reason)).toEqual(['TRADING_HALTED', 'MISSING_MARKET_DATA'])
  })
})

describe('any batch', () => {
  const requests = fc.array(
    fc.record({
      product: fc.constantFrom('BTC-USD', 'ETH-USD', 'SOL-USD'),
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      notional: fc.integer({ min: 1, max: 300_000 }).map((cents) => String(cents / 100)),
      limit_price: fc.constantFrom(undefined, '0.9', '9.7', '101'),
    }),
    { maxLength: 6 },
  )
  const holdings = { 'BTC-USD': '5', 'ETH-USD': '20' }

  it('that is accepted spends no more than there is, stays within the caps, and is refused whole otherwise', () => {
    fc.assert(
      fc.property(requests, (drafts) => {
        const snapshot = snapshotOf({ holdings, cash: '9300' })
        const batch = drafts.map(({ limit_price, ...draft }) =>
          orderRequest.parse({ ...draft, ...(limit_price === undefined ? {} : { type: 'limit', limit_price }) }),
        )
        const result = check(batch, snapshot)
        if (!result.ok) {
          // Everything before the culprit is acceptable by itself.
          expect(check(batch.slice(0, result.index), snapshot).ok).toBe(true)
          return
        }
        const held = (asset: string) => sum(result.orders.flatMap((order) => (order.hold?.asset === asset ? [order.hold.amount] : [])))
        expect(held('USD').lte(9300 - 0.05 * 10_000)).toBe(true)
        expect(held('BTC').lte(5) && held('ETH').lte(20)).toBe(true)
        const bought = (product: string) =>
          sum(result.orders.flatMap((order) => (order.side === 'BUY' && order.product.id === product ? [order.notional] : [])))
        expect(bought('BTC-USD').plus(500).lte(2500) && bought('ETH-USD').plus(200).lte(2500) && bought('SOL-USD').lte(2500)).toBe(true)
      }),
    )
  })

  const costAndHold = (request: OrderRequest, series: readonly Partial<Tick>[]) => {
    const [sized] = acceptedOrders([request])
    if (sized === undefined || sized.hold === null) throw new Error('no hold')
    let open: OpenOrder[] = [
      {
        ...sized,
        orderId: 'order',
        parentOrderId: null,
        isArmed: false,
        filledQuantity: decimal('0'),
        fillCount: 0,
        activeFrom: now,
        expiresAt: null,
        liquidity: null,
      },
    ]
    let state = emptyMatchState
    let cost = decimal('0')
    for (const [index, step] of series.entries()) {
      const tick = tickOf('BTC-USD', '100', { market_time: now + index * 30_000, last_minute_notional: '5000', ...step })
      const matched = matchTick({ orders: open, tick, product: sized.product, timeframeMs: 60_000, state })
      for (const outcome of matched.outcomes) if (outcome.type === 'fill') cost = cost.plus(outcome.notional).plus(outcome.fee)
      open = [...matched.orders]
      state = matched.state
    }
    return { cost, hold: sized.hold.amount, open }
  }

  it('never costs more than it holds, whatever the market does next', () => {
    const price = fc.integer({ min: 5000, max: 20_000 }).map((cents) => String(cents / 100))
    const step = fc.record({ price, volume: fc.constantFrom('0.5', '7.7', '1000') })
    const request = fc.record({ cents: fc.integer({ min: 1000, max: 250_000 }), limit: fc.option(fc.integer({ min: 9000, max: 10_400 })) })
    fc.assert(
      fc.property(request, fc.array(step, { maxLength: 20 }), ({ cents, limit }, steps) => {
        const named = limit === null ? {} : { type: 'limit' as const, limit_price: String(limit / 100) }
        const series = steps.map(({ price, volume }) => ({ price, bid: price, ask: price, candle_volume: volume }))
        const { cost, hold } = costAndHold(buy(String(cents / 100), named), series)
        expect(cost.lte(hold)).toBe(true)
      }),
    )
  })

  it('never costs more than it holds when it fills in hundreds of pieces, each rounded up, at its limit', () => {
    const touch = { bid: '100.01', ask: '100.01', last_minute_notional: '0.01' }
    const pieces = Array.from({ length: 1000 }, () => ({ ...touch, candle_volume: '0.1234567' }))
    const request = buy('500', { type: 'limit', limit_price: '100.01' })
    const { cost, hold, open } = costAndHold(request, pieces)
    expect(open).toEqual([])
    expect(cost.lte(hold)).toBe(true)
  })
})

function placed(overrides: Partial<PlacedOrder>): PlacedOrder {
  return {
    order_id: '8f6f3765-794a-5da5-970a-2a2b2a045a5f',
    product: 'BTC-USD',
    side: 'BUY',
    type: 'market',
    state: 'WORKING',
    quantity: '7',
    filled_quantity: '0',
    limit_price: null,
    market_time: now,
    author: 'person',
    ...overrides,
  }
}
