import type { Block } from '../contract/block.ts'
import type { OrderRequest } from '../contract/order.ts'
import type { OrderOrigin } from '../order/new-orders.ts'
import type { DeniedReason, FailedCheck } from './denied-reason.ts'

/** A block before the database has put its time of recording on it. */
export type BlockRecord = Omit<Block, 'recorded_at'>

/** A block of a request that never saw the market: whoever stores it stamps it with the run's market time. */
export type UnstampedBlock = Omit<BlockRecord, 'market_time'> & { readonly market_time: number | null }

/** The record of a refused order. Its id follows from where the order came from and the place of the refusal there. */
export function blockOf<Time extends number | null>(refusal: {
  readonly request: OrderRequest
  readonly reason: DeniedReason
  readonly detail: string
  readonly reasons: readonly FailedCheck[]
  readonly from: Omit<OrderOrigin, 'marketTime'> & { readonly marketTime: Time }
  readonly index: number
}): Omit<BlockRecord, 'market_time'> & { readonly market_time: Time } {
  const { request, reason, detail, reasons, from, index } = refusal
  return {
    block_id: `block-${from.origin}-${index}`,
    run_id: from.runId,
    book: from.book,
    correlation_id: from.correlationId,
    reason,
    detail,
    reasons: [...reasons],
    request,
    market_time: from.marketTime,
  }
}
