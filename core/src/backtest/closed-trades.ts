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
  const { fills } = run
  const pools = run.positions.map(({ product }) => initialPools(run, product))
  const trades = new Map<number, ClosedTrade>()
  for (let row = 0; row < fills.length; row += 1) {
    const pool = pools[fills.productIndex(row)]!
    const marketTime = fills.number(row, 'marketTime')
    const [notional, fee, after] = [fills.number(row, 'notional'), fills.number(row, 'fee'), fills.number(row, 'positionAfter')]
    if (pool.quantity === 0) pool.openedAt = marketTime
    if (fills.sideAt(row) === 'BUY') {
      pool.quantity = after
      pool.cost += notional
      pool.fees += fee
      continue
    }
    const quantity = fills.number(row, 'quantity')
    const share = after === 0 ? 1 : quantity / pool.quantity
    const [cost, entryFees] = [pool.cost * share, pool.fees * share]
    pool.quantity = after
    pool.cost -= cost
    pool.fees -= entryFees
    const order = fills.orderAt(row)
    const part: ClosedTrade = {
      product: run.positions[fills.productIndex(row)]!.product,
      openedAt: pool.openedAt,
      closedAt: marketTime,
      quantity,
      cost,
      proceeds: notional,
      fees: fee + entryFees,
      realizedPnl: fills.number(row, 'realizedPnl'),
      exitReason: fills.reasonAt(row),
    }
    const before = trades.get(order)
    // Set anew, a trade moves behind those that ended before its last fill.
    if (before !== undefined) trades.delete(order)
    trades.set(order, before === undefined ? part : joined(before, part))
  }
  return [...trades.values()]
}

function joined(first: ClosedTrade, next: ClosedTrade): ClosedTrade {
  return {
    ...first,
    closedAt: next.closedAt,
    quantity: first.quantity + next.quantity,
    cost: first.cost + next.cost,
    proceeds: first.proceeds + next.proceeds,
    fees: first.fees + next.fees,
    realizedPnl: first.realizedPnl + next.realizedPnl,
  }
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
