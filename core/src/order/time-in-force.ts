import type { OrderType, TimeInForce } from '../contract/order.ts'

/**
 * How long an order lasts unless it says otherwise. A market order takes what its first tick gives. A triggered stop or
 * take-profit goes on until it is out: half an exit protects nothing.
 */
export const defaultTimeInForce: Readonly<Record<OrderType, TimeInForce>> = {
  market: 'IOC',
  limit: 'GTC',
  stop: 'GTC',
  take_profit: 'GTC',
}
