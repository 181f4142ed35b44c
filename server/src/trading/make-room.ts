import { salesToCancel } from '@trader/core/order/make-room'
import { isTerminal } from '@trader/core/order/state-machine'
import { exitRoom } from '../database/queries/exit-room.ts'
import { findOrder } from '../database/queries/list-orders.ts'
import { type CancelOptions, cancelOrder, type CancelServices } from './cancel-order.ts'

/**
 * Cancels the sales that hold what an exit which woke is to sell, one after the other, as each may have sold something meanwhile.
 * Answers how many were cancelled. A protective exit comes before any other sale of its position: a limit above the market must
 * not keep a stop from selling.
 */
export async function makeRoomForExit(
  services: CancelServices,
  { orderId, ...options }: CancelOptions & { orderId: string },
): Promise<number> {
  let cancelled = 0
  for (;;) {
    const room = await exitRoom(services.database, orderId)
    if (room === null) return cancelled
    const [next] = salesToCancel(room)
    if (next === undefined) return cancelled
    const order = await findOrder(services.database, next)
    if (order === null) throw new Error(`exit ${orderId} is to take back sale ${next}, which is not there`)
    const state = await cancelOrder(services, { order, ...options })
    if (state !== null && !isTerminal(state)) {
      throw new Error(`exit ${orderId} needs what sale ${next} holds, which was to be cancelled and is ${state}`)
    }
    cancelled += 1
  }
}
