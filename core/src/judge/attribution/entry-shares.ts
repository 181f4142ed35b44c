import type { VenueFill } from '../../contract/fill.ts'
import { type Decimal, decimal, zero } from '../../money/decimal.ts'
import { applyFill, emptyPosition } from '../../portfolio/position.ts'
import type { Position } from '../../contract/position.ts'

/** Who bought: a prompt version, or null for a person. */
export type Buyer = number | null

/** What one fill did for one buyer. Amounts in quote currency. */
export interface FillShare {
  readonly buyer: Buyer
  readonly orderId: string
  readonly realizedPnl: Decimal
  readonly fee: Decimal
  /** Base units of the sale that were this buyer's; zero for a purchase. */
  readonly sold: Decimal
}

/**
 * Each fill split among the buyers of the position it closes, pro rata to what is left of their purchases: positions are kept at average
 * cost, so a unit sold belongs to all who bought. A purchase is its buyer's. Whatever rounding leaves over goes to the last, so that
 * shares add up to the fill exactly. Fills of a book from its first on, in order of time.
 */
export function entryShares(fills: readonly VenueFill[], buyerOf: (orderId: string) => Buyer): FillShare[] {
  const positions = new Map<string, Position>()
  const held = new Map<string, Map<Buyer, Decimal>>()
  return fills.flatMap((fill) => {
    const before = positions.get(fill.product) ?? emptyPosition(fill.product)
    const applied = applyFill({ position: before, fill, scrapeFraction: 0 })
    if (!applied.ok) throw new Error(`fill ${fill.fill_id} has no entry: ${applied.detail}`)
    positions.set(fill.product, applied.position)
    const holders = held.get(fill.product) ?? new Map<Buyer, Decimal>()
    held.set(fill.product, holders)
    if (fill.side === 'BUY') {
      const buyer = buyerOf(fill.order_id)
      holders.set(buyer, (holders.get(buyer) ?? zero).plus(fill.quantity))
      return [{ buyer, orderId: fill.order_id, realizedPnl: zero, fee: decimal(fill.fee), sold: zero }]
    }
    const realizedPnl = decimal(applied.position.realized_pnl).minus(before.realized_pnl)
    return splitSale({ fill, realizedPnl, holders, quantityBefore: decimal(before.quantity) })
  })
}

function splitSale({
  fill,
  realizedPnl,
  holders,
  quantityBefore,
}: {
  readonly fill: VenueFill
  readonly realizedPnl: Decimal
  readonly holders: Map<Buyer, Decimal>
  readonly quantityBefore: Decimal
}): FillShare[] {
  let left = { sold: decimal(fill.quantity), pnl: realizedPnl, fee: decimal(fill.fee) }
  const buyers = [...holders]
  return buyers.map(([buyer, quantity], index) => {
    const isLast = index === buyers.length - 1
    const part = quantity.div(quantityBefore)
    const sold = isLast ? left.sold : decimal(fill.quantity).times(part)
    const pnl = isLast ? left.pnl : realizedPnl.times(part)
    const fee = isLast ? left.fee : decimal(fill.fee).times(part)
    left = { sold: left.sold.minus(sold), pnl: left.pnl.minus(pnl), fee: left.fee.minus(fee) }
    const rest = quantity.minus(sold)
    if (rest.lte(0)) holders.delete(buyer)
    else holders.set(buyer, rest)
    return { buyer, orderId: fill.order_id, realizedPnl: pnl, fee, sold }
  })
}
