import type { OrderRequest } from '../contract/order.ts'
import type { Tick } from '../contract/tick.ts'
import { isStale } from '../market/market-clock.ts'
import { findProduct, unknownProduct, type Product } from '../market/product.ts'
import { denied } from './denied.ts'
import type { Denied } from './denied-reason.ts'
import type { RiskSnapshot } from './risk-snapshot.ts'

/** Halted refuses every order, paused every entry. */
export function checkFlag({ request, snapshot }: { request: OrderRequest; snapshot: RiskSnapshot }): Denied | null {
  if (snapshot.trading === 'halted') return denied('TRADING_HALTED', 'trading is halted: no order is accepted')
  if (snapshot.trading === 'paused' && request.side === 'BUY') {
    return denied('TRADING_PAUSED', 'trading is paused: only sales are accepted')
  }
  return null
}

/** The product and a tick of it that is fresh enough to price an order. */
export function checkMarket(options: {
  readonly request: OrderRequest
  readonly snapshot: RiskSnapshot
  readonly staleAfterMs: number
  readonly marketTime: number
}): { readonly ok: true; readonly product: Product; readonly tick: Tick } | Denied {
  const { request, snapshot, staleAfterMs, marketTime } = options
  const product = findProduct(request.product)
  if (product === undefined) return unknownProduct(request.product)
  const tick = snapshot.ticks[product.id]
  if (tick === undefined) return denied('MISSING_MARKET_DATA', `no price of ${product.id}`)
  if (isStale({ tickTime: tick.market_time, marketTime, staleAfterMs })) {
    const detail = `the last price of ${product.id} is ${(marketTime - tick.market_time) / 1000} s old; orders need one of at most ${staleAfterMs / 1000} s`
    return denied('STALE_MARKET_DATA', detail)
  }
  const unresolved = snapshot.orders.find(
    (order) => order.product === product.id && (order.state === 'UNKNOWN' || order.state === 'CONFLICT'),
  )
  if (unresolved !== undefined) {
    return denied(
      'UNRESOLVED_ORDER',
      `order ${unresolved.order_id} of ${product.id} is ${unresolved.state}; nothing more is sent until it is resolved`,
    )
  }
  return { ok: true, product, tick }
}
