import type { MarkedPosition, Portfolio, Position } from '../contract/position.ts'
import { type Decimal, decimal, sum, toText } from '../money/decimal.ts'
import { markPosition, worstQuality, type Mark } from './mark.ts'

/**
 * The portfolio of one book at a market time: equity = cash + scraped + position value. A position without a price
 * counts at its cost in the totals, and `price_quality` says `missing`.
 */
export function markPortfolio(options: {
  /** Posted cash in quote currency, holds included. */
  readonly cash: string
  readonly heldCash: string
  readonly scraped: string
  /** All fees ever paid. */
  readonly fees: string
  readonly positions: readonly Position[]
  /** The last price of each product that has one. */
  readonly marks: Readonly<Record<string, Mark | undefined>>
  readonly marketTime: number
  /** Age in ms beyond which a price is stale. */
  readonly staleAfterMs: number
}): Portfolio {
  const { cash, scraped, marks, marketTime, staleAfterMs } = options
  const positions = options.positions.map((position) =>
    markPosition({ position, mark: marks[position.product] ?? null, marketTime, staleAfterMs }),
  )
  const positionValue = sum(positions.map(valueOrCost))
  const unrealized = positionValue.minus(sum(positions.map(costWithFees)))
  const realized = sum(positions.map((position) => decimal(position.realized_pnl)))
  return {
    cash,
    held_cash: options.heldCash,
    scraped,
    positions,
    position_value: toText(positionValue),
    equity: toText(positionValue.plus(cash).plus(scraped)),
    realized_pnl: toText(realized),
    unrealized_pnl: toText(unrealized),
    total_pnl: toText(realized.plus(unrealized)),
    fees: options.fees,
    price_quality: worstQuality(positions),
    market_time: marketTime,
  }
}

/** Market value, or cost basis where no price is known: an unknown price is no loss. */
export function valueOrCost(position: MarkedPosition): Decimal {
  return decimal(position.market_value ?? position.cost_basis)
}

function costWithFees(position: Position): Decimal {
  return decimal(position.cost_basis).plus(position.entry_fees)
}
