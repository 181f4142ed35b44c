/** Simple return as a fraction: price / earlier price - 1. Null where there is no earlier price. */
export function priceReturn(price: number | null, earlier: number | null): number | null {
  return price === null || earlier === null || earlier === 0 ? null : price / earlier - 1
}
