import type { FillPosting, OrderToReserve, ReserveBatch } from '@trader/core/contract/ledger-messages'
import type { VenueFill } from '@trader/core/contract/fill'
import type { Order, OrderSide } from '@trader/core/contract/order'
import type { Position } from '@trader/core/contract/position'
import { Decimal, decimal, toText } from '@trader/core/money/decimal'
import { fillId, orderId } from '@trader/core/order/order-id'
import type { Pool } from '@trader/server/database/pool'
import { moveOrder } from '@trader/server/database/queries/move-order'
import { openRun } from '@trader/server/database/queries/open-run'

// What the tests of the book share: a run, orders, and fills computed here once more, apart from core/portfolio.

export const marketTime = 1_700_000_000_000
export const product = 'BTC-USD'

let runs = 0

export async function newRun(pool: Pool, { cash = '10000', products = [product], book = 'paper' } = {}): Promise<string> {
  runs += 1
  const identity = { market: 'simulated' as const, file_hashes: [], products, seed: runs, book }
  const { run } = await openRun(pool, { run_id: `run-${process.pid}-${runs}`, identity, starting_cash: cash, market_time: marketTime })
  return run.run_id
}

export function newOrder(runId: string, change: Partial<Order> & { origin: string; side?: OrderSide }): Order {
  const leg = change.leg ?? 0
  return {
    order_id: orderId(`${runId}-${change.origin}`, leg),
    workflow_id: `order-${runId}-${change.origin}-${leg}`,
    run_id: runId,
    book: 'paper',
    leg,
    correlation_id: change.origin,
    product,
    side: 'BUY',
    type: 'market',
    time_in_force: 'GTC',
    quantity: '0.01',
    limit_price: null,
    stop_price: null,
    take_profit: null,
    expected_edge_bps: null,
    parent_order_id: null,
    state: 'RESERVED',
    state_reason: null,
    filled_quantity: '0',
    average_price: null,
    fee: '0',
    market_time: marketTime,
    updated_at: marketTime,
    expires_at: null,
    ...change,
  }
}

/** An order with the hold it needs; `hold` is in quote currency for a BUY. */
export function toReserve(order: Order, hold = '700'): OrderToReserve {
  const [base = '', quote = ''] = order.product.split('-')
  const request = order.side === 'BUY' ? { asset: quote, amount: hold } : { asset: base, amount: order.quantity }
  return { order, hold: order.state === 'ARMED' ? null : request, body_sha256: 'a'.repeat(64), limits: { risk: '0' } }
}

export function batch(runId: string, batchId: string, orders: OrderToReserve[]): ReserveBatch {
  return { batch_id: `${runId}-${batchId}`, run_id: runId, book: 'paper', market_time: marketTime, deadline_at: null, orders }
}

export async function sendOrder(pool: Pool, order: Order): Promise<void> {
  for (const [from, to] of [
    ['RESERVED', 'SENT'],
    ['SENT', 'WORKING'],
  ] as const) {
    const moved = await moveOrder(pool, { order_id: order.order_id, from, to, market_time: marketTime })
    if (!moved.ok) throw new Error(moved.detail)
  }
}

export const noPosition: Position = {
  product,
  quantity: '0',
  cost_basis: '0',
  entry_fees: '0',
  average_price: null,
  realized_pnl: '0',
  version: 0,
}

interface FillFacts {
  readonly order: Order
  readonly quantity: string
  readonly price: string
  readonly fee: string
  readonly tradeId?: string
}

export function venueFill({ order, quantity, price, fee, tradeId = '1' }: FillFacts): VenueFill {
  const exact = decimal(quantity).times(decimal(price))
  const notional = exact.toDecimalPlaces(8, order.side === 'BUY' ? Decimal.ROUND_CEIL : Decimal.ROUND_FLOOR)
  return {
    fill_id: fillId({ orderId: order.order_id, tradeId }),
    order_id: order.order_id,
    trade_id: tradeId,
    product: order.product,
    side: order.side,
    quantity,
    price,
    notional: toText(notional),
    fee,
    liquidity: 'taker',
    market_time: marketTime + 1000,
  }
}

/** The posting of a fill on top of a position, as the ledger workflow would compute it. */
export function posting(facts: FillFacts, before: Position = noPosition, scrapeFraction = 0.2): FillPosting {
  const fill = venueFill(facts)
  const isFull = decimal(facts.order.filled_quantity).plus(fill.quantity).gte(facts.order.quantity)
  const rest = {
    run_id: facts.order.run_id,
    book: facts.order.book,
    correlation_id: facts.order.correlation_id,
    fill,
    scrape_fraction: scrapeFraction,
    order_state: isFull ? ('FILLED' as const) : ('PARTIAL' as const),
  }
  return facts.order.side === 'BUY' ? { ...rest, ...bought(before, fill) } : { ...rest, ...sold(before, fill, scrapeFraction) }
}

type Effect = Pick<FillPosting, 'position' | 'realized_pnl' | 'scraped'>

function bought(before: Position, fill: VenueFill): Effect {
  const quantity = decimal(before.quantity).plus(fill.quantity)
  const cost = decimal(before.cost_basis).plus(fill.notional)
  const fees = decimal(before.entry_fees).plus(fill.fee)
  return { position: after(before, { quantity, cost, fees, realized: new Decimal(0) }), realized_pnl: '0', scraped: '0' }
}

function sold(before: Position, fill: VenueFill, scrapeFraction: number): Effect {
  const quantity = decimal(before.quantity).minus(fill.quantity)
  const isClosed = quantity.isZero()
  const share = (total: string): Decimal =>
    isClosed ? decimal(total) : decimal(total).times(fill.quantity).div(before.quantity).toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN)
  const cost = share(before.cost_basis)
  const fees = share(before.entry_fees)
  const realized = decimal(fill.notional).minus(fill.fee).minus(cost).minus(fees)
  const scraped = Decimal.max(0, realized.times(scrapeFraction)).toDecimalPlaces(8, Decimal.ROUND_FLOOR)
  const left = { quantity, cost: decimal(before.cost_basis).minus(cost), fees: decimal(before.entry_fees).minus(fees), realized }
  return { position: after(before, left), realized_pnl: toText(realized), scraped: toText(scraped) }
}

function after(before: Position, next: { quantity: Decimal; cost: Decimal; fees: Decimal; realized: Decimal }): Position {
  return {
    product: before.product,
    quantity: toText(next.quantity),
    cost_basis: toText(next.cost),
    entry_fees: toText(next.fees),
    average_price: next.quantity.isZero() || next.cost.isZero() ? null : toText(next.cost.div(next.quantity)),
    realized_pnl: toText(decimal(before.realized_pnl).plus(next.realized)),
    version: before.version + 1,
  }
}
