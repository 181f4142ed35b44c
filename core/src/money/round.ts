import { Decimal } from './decimal.ts'
import { assetScale } from './asset.ts'

// The only places where an amount may change by rounding. Each is named after what it rounds, and none ever pays us.

/** What a purchase costs, rounded up to the asset's scale. */
export function roundCost(amount: Decimal, asset: string): Decimal {
  return amount.toDecimalPlaces(assetScale(asset), Decimal.ROUND_CEIL)
}

/** A fee, rounded up to the asset's scale. */
export function roundFee(amount: Decimal, asset: string): Decimal {
  return amount.toDecimalPlaces(assetScale(asset), Decimal.ROUND_CEIL)
}

/** What a sale brings, rounded down to the asset's scale. */
export function roundProceeds(amount: Decimal, asset: string): Decimal {
  return amount.toDecimalPlaces(assetScale(asset), Decimal.ROUND_FLOOR)
}

/** A share of a cost basis or fee pool, rounded half-even to the asset's scale. The last share must be what is left. */
export function roundShare(amount: Decimal, asset: string): Decimal {
  return amount.toDecimalPlaces(assetScale(asset), Decimal.ROUND_HALF_EVEN)
}

/** Profit to set aside, rounded down to the asset's scale. */
export function roundScrape(amount: Decimal, asset: string): Decimal {
  return amount.toDecimalPlaces(assetScale(asset), Decimal.ROUND_FLOOR)
}

/** A quantity, rounded down to a whole number of increments. */
export function roundSize(quantity: Decimal, increment: Decimal): Decimal {
  return quantity.div(increment).floor().times(increment)
}

/** A limit price moved onto the price grid, never in the caller's disfavour: a BUY limit down, a SELL limit up. */
export function roundLimitPrice(price: Decimal, increment: Decimal, side: 'BUY' | 'SELL'): Decimal {
  const steps = price.div(increment)
  return (side === 'BUY' ? steps.floor() : steps.ceil()).times(increment)
}

/** Decimals of a simulated fill price: an execution that walks the book has an average price off the price grid. */
const fillPriceScale = 12

/** The price of a simulated fill, rounded against the side: up for a BUY, down for a SELL. */
export function roundFillPrice(price: Decimal, side: 'BUY' | 'SELL'): Decimal {
  return price.toDecimalPlaces(fillPriceScale, side === 'BUY' ? Decimal.ROUND_CEIL : Decimal.ROUND_FLOOR)
}
