import { z } from 'zod'
import { book, decimalText, fraction, id, positiveDecimalText, sha256Hex, timestampMs, unsignedDecimalText } from './primitives.ts'
import { venueFill } from './fill.ts'
import { order, orderState } from './order.ts'
import { position } from './position.ts'
import { deniedReason, failedCheck } from '../risk/denied-reason.ts'

/** A refusal on the wire. `index` is the place of the order that was refused within its batch. */
export const denied = z.strictObject({
  ok: z.literal(false),
  reason: deniedReason,
  detail: z.string(),
  /** Every check that failed, the most fundamental first: `reason` and `detail` are the first of them. */
  reasons: z.array(failedCheck).min(1),
  index: z.int().min(0).nullable(),
})
export type DeniedMessage = z.infer<typeof denied>

/** What an order reserves before it may be sent: quote currency for a BUY, base for a SELL. */
export const holdRequest = z.strictObject({ asset: z.string(), amount: positiveDecimalText })

/** An order with its hold and the hash of its frozen body. Stops and take-profits hold nothing until they trigger. */
export const orderToReserve = z.strictObject({
  order,
  hold: holdRequest.nullable(),
  body_sha256: sha256Hex,
  /** What it counts against the day's limits: the quote currency it risks, zero for an exit. */
  limits: z.strictObject({ risk: unsignedDecimalText }),
})
export type OrderToReserve = z.infer<typeof orderToReserve>

/** All or none of `orders`. The batch id makes a repeated reserve the same reserve. */
export const reserveBatch = z.strictObject({
  batch_id: id,
  run_id: id,
  book,
  market_time: timestampMs,
  /** Wall time (ms) from which the reserve is refused: the asking was too long ago. Null for what protects a position. */
  deadline_at: timestampMs.nullable().default(null),
  orders: z.array(orderToReserve).min(1).max(20),
})
export type ReserveBatch = z.infer<typeof reserveBatch>

/** One asset's money in the book, as the journal has it after a posting. */
export const balance = z.strictObject({
  posted: decimalText,
  held: unsignedDecimalText,
  scraped: unsignedDecimalText,
  fees: unsignedDecimalText,
})
export const balances = z.record(z.string(), balance)
export type Balances = z.infer<typeof balances>

export const reserveResult = z.union([z.strictObject({ ok: z.literal(true), orders: z.array(order), balances }), denied])
export type ReserveResult = z.infer<typeof reserveResult>

/** A triggered stop or take-profit asks for its hold: at most `quantity`, less where less is left. `attempt` counts its askings from 1. */
export const reserveTriggered = z.strictObject({
  order_id: z.uuid(),
  run_id: id,
  book,
  market_time: timestampMs,
  attempt: z.int().positive().default(1),
})
export type ReserveTriggered = z.infer<typeof reserveTriggered>

/** One venue fill and what it does to the books, as computed by the ledger workflow. */
export const fillPosting = z.strictObject({
  run_id: id,
  book,
  correlation_id: id,
  fill: venueFill,
  /** The position after the fill; its version is one above the version that must still be stored. */
  position,
  realized_pnl: decimalText,
  scraped: unsignedDecimalText,
  scrape_fraction: fraction,
})
export type FillPosting = z.infer<typeof fillPosting>

export const postFillResult = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('posted'), balances }),
  z.strictObject({ status: z.literal('exists') }),
  z.strictObject({ status: z.literal('version_mismatch'), stored_version: z.int() }),
])
export type PostFillResult = z.infer<typeof postFillResult>

export const recordFill = z.strictObject({ run_id: id, book, correlation_id: id, fill: venueFill })
export type RecordFill = z.infer<typeof recordFill>

export const releaseOrder = z.strictObject({
  order_id: z.uuid(),
  run_id: id,
  book,
  /** Only where the order still is in this state. */
  from: orderState.optional(),
  state: orderState,
  reason: z.string().nullable(),
  market_time: timestampMs,
})
export type ReleaseOrder = z.infer<typeof releaseOrder>

/** What the ledger workflow keeps in mind; rebuilt from Postgres when it starts. */
export const ledgerState = z.strictObject({
  run_id: id,
  book,
  positions: z.record(z.string(), position),
  balances,
  scrape_fraction: fraction,
})
export type LedgerState = z.infer<typeof ledgerState>
