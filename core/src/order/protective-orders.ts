import type { OrderToReserve } from '../contract/ledger-messages.ts'
import type { Order, OrderRequest } from '../contract/order.ts'
import { orderBodyHash } from './order-body-hash.ts'
import { orderId, orderWorkflowId } from './order-id.ts'

/**
 * The stop and the take-profit that an entry asked for, armed for `quantity`: what it has filled so far, in base units. The
 * ledger lets them grow with each later fill. They hold nothing until one of them triggers; it then sells at market what the
 * position still has of it, for as long as that takes (GTC), and the other is cancelled with what is left of the entry.
 */
export function protectiveOrders(options: {
  readonly entry: Order
  readonly quantity: string
  readonly origin: string
  readonly marketTime: number
}): OrderToReserve[] {
  const { entry, quantity, origin, marketTime } = options
  const wanted = [
    { type: 'stop' as const, stop_price: entry.stop_price, take_profit: null },
    { type: 'take_profit' as const, stop_price: null, take_profit: entry.take_profit },
  ]
  return wanted
    .filter(({ stop_price, take_profit }) => stop_price !== null || take_profit !== null)
    .map((protection, leg) => {
      const order: Order = {
        ...entry,
        ...protection,
        quantity,
        order_id: orderId(origin, leg),
        workflow_id: orderWorkflowId(origin, leg),
        origin,
        leg,
        side: 'SELL',
        time_in_force: 'GTC',
        limit_price: null,
        expected_edge_bps: null,
        parent_order_id: entry.order_id,
        state: 'ARMED',
        state_reason: null,
        filled_quantity: '0',
        average_price: null,
        fee: '0',
        market_time: marketTime,
        updated_at: marketTime,
        expires_at: null,
      }
      return { order, hold: null, body_sha256: orderBodyHash(order), limits: { risk: '0' } }
    })
}

/** A protective order as a request, for the record of its refusal. */
export function protectiveRequest({ product, side, type, quantity, stop_price, take_profit }: Order): OrderRequest {
  return { product, side, type, quantity, ...(stop_price === null ? {} : { stop_price }), ...(take_profit === null ? {} : { take_profit }) }
}
