import type { DeniedReason } from '../risk/denied-reason.ts'
import type { OrderSide, OrderType } from '../contract/order.ts'
import type { Liquidity } from '../contract/fill.ts'
import type { DayTally } from './kernel/day-tally.ts'
import type { FillLog } from './kernel/fill-log.ts'

/** One execution, in doubles. With honest fills every amount is the double nearest to the ledger's decimal. */
export interface RunFill {
  readonly marketTime: number
  /** Orders are numbered from 1 within a run, fills from 1 within their order. */
  readonly order: number
  readonly trade: number
  readonly product: string
  readonly side: OrderSide
  readonly type: OrderType
  readonly quantity: number
  readonly price: number
  readonly notional: number
  readonly fee: number
  readonly liquidity: Liquidity
  readonly realizedPnl: number
  readonly positionAfter: number
  readonly cashAfter: number
  readonly reason: string
}

/** An order that was refused. */
export interface RunBlock {
  readonly marketTime: number
  readonly product: string
  readonly side: OrderSide
  readonly type: OrderType
  readonly notional: number
  readonly reason: DeniedReason
  readonly detail: string
}

/** What is held at the end, at average cost. */
export interface RunPosition {
  readonly product: string
  readonly quantity: number
  readonly costBasis: number
  readonly entryFees: number
  readonly realizedPnl: number
  readonly marketValue: number
}

/**
 * What a backtest did, in numbers: everything a report is made of, and nothing computed twice. Instant i is the end of the candles that
 * start at `starts[i]` (ms), `timeframeMs` later; `equity[i]` is cash + positions at their last close then. Warm-up is not in them.
 */
export interface BacktestRun {
  readonly starts: Float64Array
  readonly equity: Float64Array
  /** One of them, without making the whole column where a run has none. */
  readonly equityAt: (instant: number) => number
  readonly timeframeMs: number
  readonly warmUpInstants: number
  /** Candles of all products together. */
  readonly bars: number
  readonly initialEquity: number
  /** Per product, in the order of the columns: what an allocation held before the first fill, and its worth. */
  readonly initialPositions: readonly { readonly product: string; readonly quantity: number; readonly cost: number }[]
  readonly finalEquity: number
  readonly maxDrawdown: number
  readonly cash: number
  readonly fees: number
  readonly fills: FillLog
  /** Per UTC day of decisions: accepted orders, risk used, refusals by reason. */
  readonly days: readonly DayTally[]
  /** The first 10,000; `blockCount` counts all. */
  readonly blocks: readonly RunBlock[]
  readonly blockCount: number
  readonly positions: readonly RunPosition[]
  readonly openOrders: number
}

export interface RunProgress {
  /** Instants. */
  readonly done: number
  readonly total: number
  readonly marketTime: number
  readonly equity: number
  readonly fills: number
}

/** How a caller follows and ends a run. Both are asked every 65,536 instants. */
export interface RunHooks {
  readonly onProgress?: (progress: RunProgress) => void
  readonly shouldStop?: () => boolean
}
