import type { OrderWish } from '../strategy.ts'

/** What is wrong with a wish that no market could take, in a sentence; null where nothing is. A strategy's own mistake ends the run. */
export function wishProblem(wish: OrderWish): string | null {
  const sizes = Number('quantity' in wish) + Number('notional' in wish) + Number('cashFraction' in wish) + Number('all' in wish)
  if (sizes !== 1) return `an order needs exactly one of quantity, notional, cashFraction and all; it has ${sizes} of them`
  if ('all' in wish && wish.side === 'BUY') return 'only a SELL can be of all: a BUY needs quantity, notional or cashFraction'
  if ('cashFraction' in wish && (wish.side === 'SELL' || !(wish.cashFraction > 0 && wish.cashFraction <= 1))) {
    return `cashFraction is for a BUY and within 0 and 1; was ${wish.cashFraction} of a ${wish.side}`
  }
  if ('quantity' in wish && !isPositive(wish.quantity)) return `quantity must be positive, was ${wish.quantity}`
  if ('notional' in wish && !isPositive(wish.notional)) return `notional must be positive, was ${wish.notional}`
  const { limitPrice, stopPrice, takeProfit, trailingStop, side } = wish
  if (limitPrice !== undefined && !isPositive(limitPrice)) return `limitPrice must be positive, was ${limitPrice}`
  if (side === 'SELL' && (stopPrice ?? takeProfit ?? trailingStop) !== undefined) {
    return 'stopPrice, takeProfit and trailingStop protect a BUY; a SELL has none'
  }
  if (stopPrice !== undefined && !isPositive(stopPrice)) return `stopPrice must be positive, was ${stopPrice}`
  if (takeProfit !== undefined && !isPositive(takeProfit)) return `takeProfit must be positive, was ${takeProfit}`
  if (trailingStop !== undefined && !(trailingStop > 0 && trailingStop < 1)) {
    return `trailingStop is a fraction of the price within 0 and 1, was ${trailingStop}`
  }
  return null
}

function isPositive(value: number): boolean {
  return value > 0 && value < Infinity
}
