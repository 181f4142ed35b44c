import type { VenueFill } from '../contract/fill.ts'
import { type Decimal, decimal, zero } from '../money/decimal.ts'
import { applyFill, emptyPosition } from '../portfolio/position.ts'
import type { Position } from '../contract/position.ts'

/**
 * A closed trade: one exit order, all its fills together, against the average cost of what it sold. Amounts in quote
 * currency.
 */
export interface RoundTrip {
  readonly product: string
  readonly exitOrderId: string
  /** When the position was last flat before the exit; times in ms. */
  readonly openedAt: number
  readonly closedAt: number
  readonly quantity: Decimal
  /** Cost basis and proceeds without fees. */
  readonly cost: Decimal
  readonly proceeds: Decimal
  /** Of the exit, and the entry's share. */
  readonly fees: Decimal
  readonly realizedPnl: Decimal
}

/** The closed trades of a book's fills, from its first fill on and in order of time, by their last fill. */
export function roundTrips(fills: readonly VenueFill[]): RoundTrip[] {
  const positions = new Map<string, Position>()
  const openedAt = new Map<string, number>()
  const trips = new Map<string, RoundTrip>()
  for (const fill of fills) {
    const before = positions.get(fill.product) ?? emptyPosition(fill.product)
    if (before.quantity === '0') openedAt.set(fill.product, fill.market_time)
    const applied = applyFill({ position: before, fill, scrapeFraction: 0 })
    if (!applied.ok) throw new Error(`fill ${fill.fill_id} has no entry: ${applied.detail}`)
    positions.set(fill.product, applied.position)
    if (fill.side === 'BUY') continue
    const part = exitPart({ fill, before, after: applied.position, openedAt: openedAt.get(fill.product) ?? fill.market_time })
    const earlier = trips.get(fill.order_id)
    // Set anew, a trip moves behind those that ended before its last fill.
    trips.delete(fill.order_id)
    trips.set(fill.order_id, earlier === undefined ? part : joined(earlier, part))
  }
  return [...trips.values()]
}

function exitPart(options: { fill: VenueFill; before: Position; after: Position; openedAt: number }): RoundTrip {
  const { fill, before, after, openedAt } = options
  return {
    product: fill.product,
    exitOrderId: fill.order_id,
    openedAt,
    closedAt: fill.market_time,
    quantity: decimal(fill.quantity),
    cost: decimal(before.cost_basis).minus(after.cost_basis),
    proceeds: decimal(fill.notional),
    fees: decimal(fill.fee).plus(before.entry_fees).minus(after.entry_fees),
    realizedPnl: decimal(after.realized_pnl).minus(before.realized_pnl),
  }
}

function joined(first: RoundTrip, next: RoundTrip): RoundTrip {
  return {
    ...first,
    closedAt: next.closedAt,
    quantity: first.quantity.plus(next.quantity),
    cost: first.cost.plus(next.cost),
    proceeds: first.proceeds.plus(next.proceeds),
    fees: first.fees.plus(next.fees),
    realizedPnl: first.realizedPnl.plus(next.realizedPnl),
  }
}

export interface WinsAndLosses {
  /** Profits above zero. */
  readonly wins: readonly Decimal[]
  /** The rest; breaking even is no win. */
  readonly losses: readonly Decimal[]
}

export function winsAndLosses(trips: readonly Pick<RoundTrip, 'realizedPnl'>[]): WinsAndLosses {
  const pnls = trips.map((trip) => trip.realizedPnl)
  return { wins: pnls.filter((pnl) => pnl.gt(zero)), losses: pnls.filter((pnl) => pnl.lte(zero)) }
}
