import type { VenueFill } from '../contract/fill.ts'
import type { Position } from '../contract/position.ts'
import { productAssets } from '../market/product.ts'
import { type Decimal, decimal, toText, zero } from '../money/decimal.ts'
import { roundShare } from '../money/round.ts'
import type { Denied } from '../risk/denied-reason.ts'
import { scrapedProfit } from './profit-scraping.ts'

/** What a fill did. Amounts in quote currency. */
export interface AppliedFill {
  readonly ok: true
  readonly position: Position
  /** Proceeds - exit fee - share of cost basis - share of entry fees; zero for a BUY. */
  readonly realized_pnl: string
  /** Part of the realized profit to set aside. */
  readonly scraped: string
  /** Change of spendable cash: -(cost + fee) for a BUY, proceeds - fee - scraped for a SELL. */
  readonly cash_delta: string
}

export function emptyPosition(product: string): Position {
  return { product, quantity: '0', cost_basis: '0', entry_fees: '0', average_price: null, realized_pnl: '0', version: 0 }
}

/**
 * The position after a fill, at average cost, long only. Cost basis and entry fees are pools from which a sale takes its
 * share; the last sale takes exactly what is left, so rounding never drifts. A sale of more than is held is refused.
 */
export function applyFill(options: { position: Position; fill: VenueFill; scrapeFraction: number }): AppliedFill | Denied {
  const { position, fill } = options
  if (fill.product !== position.product) throw new Error(`fill ${fill.fill_id} of ${fill.product} is not of ${position.product}`)
  return fill.side === 'BUY' ? applyBuy({ position, fill }) : applySell(options)
}

function applyBuy({ position, fill }: { position: Position; fill: VenueFill }): AppliedFill {
  const cost = decimal(fill.notional).plus(fill.fee)
  return {
    ok: true,
    position: positionAfter(position, {
      quantity: decimal(position.quantity).plus(fill.quantity),
      costBasis: decimal(position.cost_basis).plus(fill.notional),
      entryFees: decimal(position.entry_fees).plus(fill.fee),
      realized: zero,
    }),
    realized_pnl: '0',
    scraped: '0',
    cash_delta: toText(cost.negated()),
  }
}

function applySell(options: { position: Position; fill: VenueFill; scrapeFraction: number }): AppliedFill | Denied {
  const { position, fill, scrapeFraction } = options
  const held = decimal(position.quantity)
  const sold = decimal(fill.quantity)
  if (sold.gt(held)) {
    const detail = `a sale of ${fill.quantity} ${fill.product} exceeds the ${position.quantity} held`
    return { ok: false, reason: 'INSUFFICIENT_HOLDINGS', detail }
  }
  const { quote } = productAssets(fill.product)
  const share = (pool: Decimal): Decimal => (sold.eq(held) ? pool : roundShare(pool.times(sold).div(held), quote))
  const basisShare = share(decimal(position.cost_basis))
  const feeShare = share(decimal(position.entry_fees))
  const proceeds = decimal(fill.notional).minus(fill.fee)
  const realized = proceeds.minus(basisShare).minus(feeShare)
  const scraped = scrapedProfit({ realized, scrapeFraction, quote })
  return {
    ok: true,
    position: positionAfter(position, {
      quantity: held.minus(sold),
      costBasis: decimal(position.cost_basis).minus(basisShare),
      entryFees: decimal(position.entry_fees).minus(feeShare),
      realized,
    }),
    realized_pnl: toText(realized),
    scraped: toText(scraped),
    cash_delta: toText(proceeds.minus(scraped)),
  }
}

interface Pools {
  readonly quantity: Decimal
  readonly costBasis: Decimal
  readonly entryFees: Decimal
  readonly realized: Decimal
}

function positionAfter(before: Position, { quantity, costBasis, entryFees, realized }: Pools): Position {
  // Dust may have lost its last unit of cost to rounding; it then has no average price.
  const hasPrice = quantity.gt(0) && costBasis.gt(0)
  return {
    product: before.product,
    quantity: toText(quantity),
    cost_basis: toText(costBasis),
    entry_fees: toText(entryFees),
    average_price: hasPrice ? toText(costBasis.div(quantity)) : null,
    realized_pnl: toText(decimal(before.realized_pnl).plus(realized)),
    version: before.version + 1,
  }
}
