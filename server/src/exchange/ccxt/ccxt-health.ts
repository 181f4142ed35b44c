import { minuteMs } from '@trader/core/market/timeframe'
import type { MarketNotice } from '../market-source.ts'
import type { Fault } from './ccxt-venue.ts'

/** So many failures in a row are no accident. */
const failuresUntilTold = 3

interface ProductHealth {
  failures: number
  /** When the first of these failures was; null while it answers. */
  lostAt: number | null
  isTold: boolean
}

/**
 * What becomes of failed questions. When no product is answered any more, the exchange is disconnected. A product that fails alone, or is
 * refused, is told once as failed. The first answer after either says so, and the minutes that ended meanwhile are filled in.
 */
export function watchHealth(options: {
  readonly venue: string
  readonly products: readonly string[]
  readonly now: () => number
  readonly tell: (notice: MarketNotice) => void
  /** Asks for the candles of the minutes since then that are over. */
  readonly fillIn: (product: string, from: number) => void
}): {
  readonly answered: (product: string) => void
  readonly failed: (product: string, failure: { readonly fault: Fault; readonly detail: string }) => void
} {
  const { venue, products, now, tell, fillIn } = options
  const health = new Map<string, ProductHealth>(products.map((product) => [product, { failures: 0, lostAt: null, isTold: false }]))
  let disconnectedAt: number | null = null
  let isFirst = true

  const answered = (product: string): void => {
    const state = stateOf(product)
    if (isFirst || disconnectedAt !== null) tell({ type: 'connected', detail: `${venue} answers` })
    if (disconnectedAt !== null) tell({ type: 'time_gap', from: disconnectedAt, to: now() })
    else if (state.isTold) tell({ type: 'connected', detail: `${venue} answers for ${product} again` })
    isFirst = false
    disconnectedAt = null
    if (state.lostAt !== null && minuteOf(now()) > minuteOf(state.lostAt)) fillIn(product, state.lostAt)
    health.set(product, { failures: 0, lostAt: null, isTold: false })
  }

  const failed = (product: string, { fault, detail }: { fault: Fault; detail: string }): void => {
    const state = stateOf(product)
    state.failures += 1
    state.lostAt ??= now()
    const isDown = fault !== 'refused' && [...health.values()].every((each) => each.failures > 0)
    if (isDown) disconnect(detail)
    if (state.isTold || disconnectedAt !== null || state.failures < failuresUntilTold) return
    state.isTold = true
    tell({ type: 'product_failed', product, detail })
  }

  const disconnect = (detail: string): void => {
    if (disconnectedAt !== null) return
    disconnectedAt = Math.max(...[...health.values()].map((each) => each.lostAt ?? now()))
    tell({ type: 'disconnected', detail })
  }

  const stateOf = (product: string): ProductHealth => {
    const state = health.get(product)
    if (state === undefined) throw new Error(`${product} is not asked for`)
    return state
  }

  return { answered, failed }
}

function minuteOf(time: number): number {
  return Math.floor(time / minuteMs)
}
