import type { BacktestRoundTrip } from '../contract/backtest-trades.ts'
import { amountText } from './amount-text.ts'
import type { BacktestRun } from './run.ts'

/** A closed trade in numbers: one exit order, all its fills together, against the average cost of what it sold (`core/metrics/round-trips`). */
export interface ClosedTrade {
  readonly product: string
  readonly openedAt: number
  readonly closedAt: number
  readonly quantity: number
  /** Cost basis and proceeds without fees. */
  readonly cost: number
  readonly proceeds: number
  /** Of the exit, and the entry's share. */
  readonly fees: number
  readonly realizedPnl: number
  readonly exitReason: string
}

interface Pools {
  quantity: number
  cost: number
  fees: number
  openedAt: number
}

/** The closed trades of a run, by their last fill. */
export function closedTrades(run: BacktestRun): ClosedTrade[] {
  const pools = new Map(run.positions.map((position) => [position.product, initialPools(run, position.product)]))
  const trades = new Map<number, ClosedTrade>()
  for (const fill of run.fills) {
    const pool = pools.get(fill.product)
    if (pool === undefined) throw new Error(`fill of ${fill.product}, which the run does not trade`)
    if (pool.quantity === 0) pool.openedAt = fill.marketTime
    if (fill.side === 'BUY') {
      pool.quantity = fill.positionAfter
      pool.cost += fill.notional
      pool.fees += fill.fee
      continue
    }
    const share = fill.positionAfter === 0 ? 1 : fill.quantity / pool.quantity
    const [cost, entryFees] = [pool.cost * share, pool.fees * share]
    pool.quantity = fill.positionAfter
    pool.cost -= cost
    pool.fees -= entryFees
    const before = trades.get(fill.order)
    // Set anew, a trade moves behind those that ended before its last fill.
    trades.delete(fill.order)
    trades.set(fill.order, {
      product: fill.product,
      openedAt: before?.openedAt ?? pool.openedAt,
      closedAt: fill.marketTime,
      quantity: (before?.quantity ?? 0) + fill.quantity,
      cost: (before?.cost ?? 0) + cost,
      proceeds: (before?.proceeds ?? 0) + fill.notional,
      fees: (before?.fees ?? 0) + fill.fee + entryFees,
      realizedPnl: (before?.realizedPnl ?? 0) + fill.realizedPnl,
      exitReason: fill.reason,
    })
  }
  return [...trades.values()]
}

/** What a run held of a product before its first fill: an allocation. */
function initialPools(run: BacktestRun, product: string): Pools {
  const initial = run.initialPositions.find((position) => position.product === product)
  return { quantity: initial?.quantity ?? 0, cost: initial?.cost ?? 0, fees: 0, openedAt: run.starts[0] ?? 0 }
}

/** A closed trade as it goes over a wire. */
export function roundTripOf(trade: ClosedTrade): BacktestRoundTrip {
  const { product, openedAt, closedAt, quantity, cost, proceeds, fees, realizedPnl, exitReason } = trade
  return {
    product,
    opened_at: openedAt,
    closed_at: closedAt,
    quantity: amountText(quantity),
    entry_price: amountText(cost / quantity),
    exit_price: amountText(proceeds / quantity),
    fees: amountText(fees),
    realized_pnl: amountText(realizedPnl),
    return_pct: cost > 0 ? (realizedPnl / cost) * 100 : 0,
    exit_reason: exitReason,
  }
}
