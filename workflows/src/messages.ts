import type {
  LedgerState,
  RecordFill,
  ReleaseOrder,
  ReserveBatch,
  ReserveResult,
  ReserveTriggered,
} from '@trader/core/contract/ledger-messages'
import type { Order } from '@trader/core/contract/order'
import type { CancelRequest, VenueReport } from '@trader/core/contract/venue-report'
import { defineQuery, defineUpdate } from '@temporalio/workflow'

/** Everything that may be said to a workflow, by name. Clients and workflows share these definitions. */
export const reserveUpdate = defineUpdate<ReserveResult, [ReserveBatch]>('reserve')
export const reserveTriggeredUpdate = defineUpdate<ReserveResult, [ReserveTriggered]>('reserve_triggered')
export const recordFillUpdate = defineUpdate<{ position_quantity: string }, [RecordFill]>('record_fill')
export const releaseUpdate = defineUpdate<void, [ReleaseOrder]>('release')
export const setScrapeFractionUpdate = defineUpdate<number, [number]>('set_scrape_fraction')
export const openRunUpdate = defineUpdate<void, [string]>('open_run')
/** Reads the books again after something outside the ledger's own postings changed them. */
export const reloadUpdate = defineUpdate<void, [null]>('reload')
export const ledgerStateQuery = defineQuery<LedgerState>('get_ledger_state')

export const venueReportUpdate = defineUpdate<void, [VenueReport]>('venue_report')
export const cancelOrderUpdate = defineUpdate<Order['state'], [CancelRequest]>('cancel')
export const orderQuery = defineQuery<Order>('get_order')

/** A workflow that is about to continue as new turns updates away with this type; the caller tries again. */
export const rollingOver = 'RollingOver'
