// The roundings of `core/money/round` in doubles. Amounts have 8 decimals; a result is the double nearest to that decimal, so equal
// decimals are equal doubles. Good while amounts stay below 67 million (2^26), where doubles are finer than that.

const scale = 1e8
/** A value this close to a whole number of units, relatively, is that number: the noise of one or two multiplications. */
const noise = 4 * Number.EPSILON

/** To the nearest 0.00000001: for sums of amounts that already have 8 decimals. */
export function round8(amount: number): number {
  return Math.round(amount * scale) / scale
}

/** Up to the next 0.00000001: costs and fees. */
export function ceil8(amount: number): number {
  return ceilUnits(amount * scale) / scale
}

/** Down to 0.00000001: proceeds. */
export function floor8(amount: number): number {
  return floorUnits(amount * scale) / scale
}

/** A quantity down to a whole number of increments, an increment being 1 / `perUnit`. */
export function floorTo(quantity: number, perUnit: number): number {
  return floorUnits(quantity * perUnit) / perUnit
}

/** A price up to the grid. */
export function ceilTo(price: number, perUnit: number): number {
  return ceilUnits(price * perUnit) / perUnit
}

/** Beyond this a price times 1e12 has no fraction left in a double, and there is nothing to round. */
const largestExactPrice = 9007
/** The 12 decimals of a simulated fill price, against the side: up for a BUY, down for a SELL. */
export function roundFillPrice(price: number, isBuy: boolean): number {
  if (price >= largestExactPrice) return price
  return (isBuy ? ceilUnits(price * 1e12) : floorUnits(price * 1e12)) / 1e12
}

function floorUnits(units: number): number {
  const nearest = Math.round(units)
  return Math.abs(units - nearest) <= Math.abs(units) * noise ? nearest : Math.floor(units)
}

function ceilUnits(units: number): number {
  const nearest = Math.round(units)
  return Math.abs(units - nearest) <= Math.abs(units) * noise ? nearest : Math.ceil(units)
}
