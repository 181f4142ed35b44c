import type { Order, OrderState } from '@trader/core/contract/order'
import type { Tick } from '@trader/core/contract/tick'
import type { VenueReport } from '@trader/core/contract/venue-report'
import { findProduct, type Product } from '@trader/core/market/product'
import { decimal } from '@trader/core/money/decimal'
import type { MatchState } from '@trader/core/order/candle-capacity'
import { matchTick } from '@trader/core/order/match-tick'
import { openOrder, type OpenOrder } from '@trader/core/order/open-order'
import type { Pool } from 'pg'
import { type Database, withTransaction } from '../../database/pool.ts'
import { insertPaperOrder } from '../../database/queries/insert-paper-order.ts'
import { lockPaperOrder, lockPaperOrders, type PaperOrder, productsWithPaperOrders } from '../../database/queries/open-paper-orders.ts'
import { hasWaitingReports, waitingReports } from '../../database/queries/paper-reports.ts'
import { lockMatchState, saveMatchState, saveOpenOrder, savePaperReport } from '../../database/queries/save-paper-match.ts'
import { reportsOf } from './venue-reports.ts'

/**
 * Puts an order on the book at a market time; repeated, it changes nothing. A triggered exit has seen the tick of that time and
 * works from the next one on.
 */
export async function placePaperOrder(db: Database, order: Order, marketTime: number): Promise<void> {
  const wasTriggered = order.state !== 'ARMED' && (order.type === 'stop' || order.type === 'take_profit')
  await insertPaperOrder(db, { order, activeFrom: wasTriggered ? marketTime + 1 : order.market_time })
}

/** Takes an order off the book and answers every report of it that was not settled yet; the last one ends it. */
export async function cancelPaperOrder(
  pool: Pool,
  { orderId, reason, marketTime }: { orderId: string; reason: string; marketTime: number },
): Promise<VenueReport[]> {
  return withTransaction(pool, async (db) => {
    const paper = await lockPaperOrder(db, orderId)
    if (paper === null) return []
    if (paper.closed_state === null) await savePaperReport(db, cancelReport({ paper, reason, marketTime }))
    const waiting = await waitingReports(db, { runId: paper.order.run_id, orderId })
    return waiting.map(({ report }) => report)
  })
}

function cancelReport({ paper, reason, marketTime }: { paper: PaperOrder; reason: string; marketTime: number }): VenueReport {
  const state: OrderState = 'CANCELLED'
  return {
    order_id: paper.order.order_id,
    seq: paper.report_count + 1,
    market_time: marketTime,
    triggered: false,
    fills: [],
    state,
    reason,
  }
}

/**
 * Matches a batch of ticks, in time order over all products, against the open orders of a run. `settle` delivers what was
 * reported before the next tick is looked at: a stop that one tick triggers can fill at the next tick of the same batch.
 */
export async function matchBatch(options: {
  readonly pool: Pool
  readonly runId: string
  readonly ticks: readonly Tick[]
  /** Length of the candle whose volume the orders share, in ms. */
  readonly timeframeMs: number
  readonly settle: () => Promise<void>
}): Promise<void> {
  const { pool, runId, timeframeMs, settle } = options
  const ticks = options.ticks.toSorted((a, b) => a.market_time - b.market_time || a.product.localeCompare(b.product))
  await settle()
  let matched = 0
  while (matched < ticks.length) {
    matched += await matchUntilReport({ pool, runId, timeframeMs, ticks: ticks.slice(matched) })
    await settle()
  }
}

interface ProductBook {
  readonly product: Product
  readonly orders: readonly OpenOrder[]
  readonly state: MatchState
  /** Reports that each order has had. */
  readonly counts: ReadonlyMap<string, number>
}

/** Matches up to and including the first tick with something to report, and stores it. Answers how many ticks were matched. */
async function matchUntilReport(options: {
  readonly pool: Pool
  readonly runId: string
  readonly ticks: readonly Tick[]
  readonly timeframeMs: number
}): Promise<number> {
  const { pool, runId, ticks, timeframeMs } = options
  const products = await productsWithPaperOrders(pool, runId)
  if (!ticks.some((tick) => products.has(tick.product))) return ticks.length
  return withTransaction(pool, async (db) => {
    const books = await lockBooks(db, { runId, products })
    // Another worker, on the same batch, was faster: what it saw comes first.
    if (await hasWaitingReports(db, runId)) return 0
    for (const [index, tick] of ticks.entries()) {
      const book = books.get(tick.product)
      if (book === undefined) continue
      const { outcomes, orders, state } = matchTick({ ...book, tick, timeframeMs })
      books.set(tick.product, { ...book, orders, state })
      if (outcomes.length === 0) continue
      for (const report of reportsOf({ outcomes, product: tick.product, counts: book.counts })) await savePaperReport(db, report)
      await saveBooks(db, { runId, books })
      return index + 1
    }
    await saveBooks(db, { runId, books })
    return ticks.length
  })
}

async function lockBooks(
  db: Database,
  { runId, products }: { runId: string; products: ReadonlySet<string> },
): Promise<Map<string, ProductBook>> {
  const books = new Map<string, ProductBook>()
  for (const id of [...products].sort()) {
    const product = findProduct(id)
    if (product === undefined) throw new Error(`run ${runId} has paper orders of the unknown product ${id}`)
    const state = await lockMatchState(db, { runId, product: id })
    const papers = await lockPaperOrders(db, { runId, product: id })
    const counts = new Map(papers.map((paper) => [paper.order.order_id, paper.report_count]))
    books.set(id, { product, orders: papers.map(toOpenOrder), state, counts })
  }
  return books
}

async function saveBooks(db: Database, { runId, books }: { runId: string; books: ReadonlyMap<string, ProductBook> }): Promise<void> {
  for (const [product, { state, orders }] of books) {
    await saveMatchState(db, { runId, product, state })
    for (const order of orders) await saveOpenOrder(db, order)
  }
}

function toOpenOrder(paper: PaperOrder): OpenOrder {
  const open = openOrder(paper.order, { activeFrom: paper.active_from, liquidity: paper.liquidity, fillCount: paper.fill_count })
  return { ...open, isArmed: paper.is_armed, filledQuantity: decimal(paper.filled_quantity) }
}
