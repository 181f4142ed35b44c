import type {
  Balances,
  FillPosting,
  LedgerState,
  PostFillResult,
  RecordFill,
  ReleaseOrder,
  ReserveBatch,
  ReserveResult,
  ReserveTriggered,
} from '@trader/core/contract/ledger-messages'
import type { Order } from '@trader/core/contract/order'
import type { Book } from '@trader/core/contract/primitives'
import type { VenueReport } from '@trader/core/contract/venue-report'

/** Postings of the execution ledger. Each is one transaction in Postgres and idempotent by the ids inside it. */
export interface LedgerActivities {
  loadLedger(input: { run_id: string; book: Book }): Promise<LedgerState>
  postReserve(batch: ReserveBatch): Promise<ReserveResult>
  postTriggeredReserve(request: ReserveTriggered): Promise<ReserveResult>
  postFill(posting: FillPosting): Promise<PostFillResult>
  postRelease(request: ReleaseOrder): Promise<Balances>
}

/** How other workflows reach the execution ledger: by an update that is answered once Postgres has it. */
export interface LedgerClientActivities {
  reserveOrders(batch: ReserveBatch): Promise<ReserveResult>
  reserveTriggeredOrder(request: ReserveTriggered): Promise<ReserveResult>
  /** Answers how much of the product is held afterwards, in base units. */
  recordFill(request: RecordFill): Promise<{ position_quantity: string }>
  releaseOrder(request: ReleaseOrder): Promise<void>
}

export interface ArmedOrders {
  readonly run_id: string
  readonly book: Book
  readonly product: string
  readonly parent_order_id: string | null
  readonly except: string | null
  readonly reason: string
  readonly market_time: number
}

/** The paper venue: it keeps its own book of open orders and matches them against ticks. */
export interface PaperVenueActivities {
  /** Puts an order on the venue's book; again after a stop has triggered and holds its funds. Marks it SENT, then WORKING. */
  submitPaperOrder(order: Order): Promise<void>
  /** Takes the order off the venue's book. Answers every report that was not delivered yet, the last one final. */
  cancelPaperOrder(input: { order_id: string; reason: string; market_time: number }): Promise<readonly VenueReport[]>
  /** Cancels the armed stops and take-profits of a product, or only those of one entry, but for `except`. */
  cancelArmedOrders(input: ArmedOrders): Promise<void>
}
