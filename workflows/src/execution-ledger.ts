import { ApplicationFailure } from '@temporalio/common'
import { condition, continueAsNew, proxyActivities, setHandler } from '@temporalio/workflow'
import * as schemas from '@trader/core/contract/ledger-messages'
import type { Balances, LedgerState, RecordFill, ReserveResult } from '@trader/core/contract/ledger-messages'
import { fraction, id, type Book } from '@trader/core/contract/primitives'
import { applyFill, emptyPosition } from '@trader/core/portfolio/position'
import { z } from 'zod'
import type { LedgerActivities } from './activities.ts'
import * as messages from './messages.ts'
import { RollOver } from './roll-over.ts'
import { serially } from './serial.ts'

const store = proxyActivities<LedgerActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '100ms', maximumInterval: '10s', nonRetryableErrorTypes: ['LedgerRefused', 'IdempotencyConflict'] },
})

export interface ExecutionLedgerInput {
  readonly run_id: string
  readonly book: Book
  /** Handed on at continue-as-new; absent at the first start, when Postgres is read. */
  readonly state?: LedgerState
}

/**
 * Serialises the movements of one book. Each update computes with `core/portfolio`, posts to Postgres and answers
 * only when the posting is durable. Postgres is the book of record: where the two differ, it is read again.
 */
export async function ExecutionLedgerWorkflow(input: ExecutionLedgerInput): Promise<void> {
  const { book } = input
  let state = input.state
  const rollOver = new RollOver()
  const oneAtATime = serially()

  const load = async (runId: string): Promise<void> => {
    state = await store.loadLedger({ run_id: runId, book })
  }
  const whenLoaded = <T>(work: () => Promise<T>): Promise<T> =>
    oneAtATime(async () => {
      await condition(() => state !== undefined)
      return work()
    })
  const current = (): LedgerState => {
    if (state === undefined) throw new Error('the ledger is used before it is loaded')
    return state
  }
  const inRun = (runId: string): void => {
    const open = current().run_id
    if (runId !== open) throw ApplicationFailure.nonRetryable(`run ${runId} is closed; the open run of ${book} is ${open}`, 'LedgerRefused')
  }
  const setBalances = (balances: Balances): void => {
    state = { ...current(), balances }
  }

  const reserve = async (post: () => Promise<ReserveResult>): Promise<ReserveResult> => {
    const result = await post()
    if (result.ok) setBalances(result.balances)
    return result
  }
  const recordFill = async (request: RecordFill): Promise<{ position_quantity: string }> => {
    const { fill } = request
    const before = current().positions[fill.product] ?? emptyPosition(fill.product)
    const applied = applyFill({ position: before, fill, scrapeFraction: current().scrape_fraction })
    if (!applied.ok) throw ApplicationFailure.nonRetryable(`fill ${fill.fill_id}: ${applied.detail}`, 'LedgerRefused')
    const { position, realized_pnl, scraped } = applied
    const result = await store.postFill({ ...request, position, realized_pnl, scraped, scrape_fraction: current().scrape_fraction })
    if (result.status === 'posted') {
      state = { ...current(), balances: result.balances, positions: { ...current().positions, [fill.product]: position } }
    } else {
      await load(current().run_id)
      if (result.status === 'version_mismatch') return recordFill(request)
    }
    return { position_quantity: current().positions[fill.product]?.quantity ?? '0' }
  }

  const inOpenRun = <T>(runId: string, work: () => Promise<T>): Promise<T> =>
    whenLoaded(async () => {
      inRun(runId)
      return work()
    })

  rollOver.handle(messages.reserveUpdate, schemas.reserveBatch, (batch) =>
    inOpenRun(batch.run_id, () => reserve(() => store.postReserve(batch))),
  )
  rollOver.handle(messages.reserveTriggeredUpdate, schemas.reserveTriggered, (request) =>
    inOpenRun(request.run_id, () => reserve(() => store.postTriggeredReserve(request))),
  )
  rollOver.handle(messages.recordFillUpdate, schemas.recordFill, (request) => inOpenRun(request.run_id, () => recordFill(request)))
  rollOver.handle(messages.releaseUpdate, schemas.releaseOrder, (request) =>
    inOpenRun(request.run_id, async () => setBalances(await store.postRelease(request))),
  )
  rollOver.handle(messages.setScrapeFractionUpdate, fraction, (scrapeFraction) =>
    whenLoaded(async () => {
      state = { ...current(), scrape_fraction: scrapeFraction }
      return scrapeFraction
    }),
  )
  rollOver.handle(messages.openRunUpdate, id, (runId) => whenLoaded(() => load(runId)))
  rollOver.handle(messages.reloadUpdate, z.null(), () => whenLoaded(() => load(current().run_id)))
  setHandler(messages.ledgerStateQuery, current)

  if (state === undefined) await load(input.run_id)
  await rollOver.reached()
  await continueAsNew<typeof ExecutionLedgerWorkflow>({ run_id: current().run_id, book, state: current() })
}
