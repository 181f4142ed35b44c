import type { MarkedPosition, Position, PriceQuality } from '../contract/position.ts'
import { productAssets } from '../market/product.ts'
import { decimal, toText } from '../money/decimal.ts'
import { roundProceeds } from '../money/round.ts'

/** A price to value a position with; a contract Tick is one. */
export interface Mark {
  readonly price: string
  readonly market_time: number
}

/**
 * A position with its value at the last price. Older than `staleAfterMs` the price is stale; without one the value is
 * null, never zero. Unrealized = market value - cost basis - entry fees, so that realized + unrealized is the whole gain.
 */
export function markPosition(options: {
  readonly position: Position
  readonly mark: Mark | null
  readonly marketTime: number
  readonly staleAfterMs: number
}): MarkedPosition {
  const { position, mark, marketTime, staleAfterMs } = options
  if (mark === null) {
    const value = decimal(position.quantity).isZero() ? '0' : null
    return {
      ...position,
      mark_price: null,
      mark_time: null,
      mark_age_ms: null,
      price_quality: 'missing',
      market_value: value,
      unrealized_pnl: value,
    }
  }
  const value = roundProceeds(decimal(position.quantity).times(mark.price), productAssets(position.product).quote)
  const ageMs = marketTime - mark.market_time
  return {
    ...position,
    mark_price: mark.price,
    mark_time: mark.market_time,
    mark_age_ms: ageMs,
    price_quality: ageMs > staleAfterMs ? 'stale' : 'live',
    market_value: toText(value),
    unrealized_pnl: toText(value.minus(position.cost_basis).minus(position.entry_fees)),
  }
}

const worstFirst: readonly PriceQuality[] = ['missing', 'stale', 'live']

/** The worst quality among positions that are not flat; live when all are. */
export function worstQuality(positions: readonly MarkedPosition[]): PriceQuality {
  const held = positions.filter((position) => !decimal(position.quantity).isZero())
  return worstFirst.find((quality) => held.some((position) => position.price_quality === quality)) ?? 'live'
}
