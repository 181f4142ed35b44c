import { Decimal, decimal, zero } from '../money/decimal.ts'

/** An open sale of the same product and what it holds, in base units. */
export interface OpenSale {
  readonly order_id: string
  readonly held: string
}

/**
 * Which sales an exit that wakes takes back, so that it can sell what it protects: the newest first, and no more than it needs.
 * `wanted` is the exit's quantity, `free` what no order holds of the position.
 */
export function salesToCancel({ wanted, free, newestFirst }: { wanted: string; free: string; newestFirst: readonly OpenSale[] }): string[] {
  let missing = decimal(wanted).minus(Decimal.max(zero, decimal(free)))
  const taken: string[] = []
  for (const { order_id, held } of newestFirst) {
    if (missing.lte(0)) break
    taken.push(order_id)
    missing = missing.minus(held)
  }
  return taken
}
