import { createHash } from 'node:crypto'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import proto, { type temporal } from '@temporalio/proto'
import { type Pool, withTransaction } from '../../database/pool.ts'
import {
  type ArchivableWorkflow,
  type ArchivedHistory,
  archivedOf,
  archivedUntil,
  saveHistory,
  saveHistoryGone,
  unarchivedWorkflows,
} from '../../database/queries/workflow-histories.ts'
import { workflowTasks } from '../replay/workflow-tasks.ts'

type History = temporal.api.history.v1.IHistory
type HistoryEvent = temporal.api.history.v1.IHistoryEvent

const { History: historyMessage } = proto.temporal.api.history.v1

/** Histories fetched at once. */
const parallel = 8
/** Temporal lists a closed workflow a moment after it closed; an hour is generous. */
const listingLagMs = 3_600_000

export interface Archive {
  readonly pool: Pool
  readonly client: Client
}

export interface ArchiveOutcome {
  /** Workflows whose histories were copied, with all their runs. */
  readonly archived: number
  /** Nothing is left but what has not closed yet. */
  readonly isComplete: boolean
}

/** Copies the histories of closed decisions and of their orders from Temporal to Postgres, at most `limit` workflows. Repeated, it goes on. */
export async function archiveHistories(archive: Archive, { limit }: { limit: number }): Promise<ArchiveOutcome> {
  const waiting = await unarchivedWorkflows(archive.pool, { limit })
  const failed = waiting.length < limit ? await failedDecisions(archive) : []
  const queue = [...waiting, ...failed]
  let archived = 0
  let running = 0
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const isClosed = await archiveWorkflow(archive, next)
      if (isClosed) archived += 1
      else running += 1
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  // What still runs would be found again and again: the next minute is soon enough for it.
  return { archived, isComplete: waiting.length < limit || running === waiting.length }
}

const perBatch = 200

/** Copies everything that has closed. */
export async function archiveAll(archive: Archive): Promise<void> {
  while (!(await archiveHistories(archive, { limit: perBatch })).isComplete);
}

/** Decisions that ended without a record of theirs: they failed, timed out or were ended from outside. */
async function failedDecisions({ pool, client }: Archive): Promise<ArchivableWorkflow[]> {
  const until = await archivedUntil(pool)
  const since = until === null ? '' : ` AND CloseTime > '${new Date(until - listingLagMs).toISOString()}'`
  const states = `ExecutionStatus IN ('Failed', 'TimedOut', 'Canceled', 'Terminated')`
  const ids: string[] = []
  for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'TradingDecisionWorkflow' AND ${states}${since}` })) {
    ids.push(workflowId)
  }
  const known = await archivedOf(pool, ids)
  return ids.filter((id) => !known.has(id)).map((id) => ({ workflow_id: id, decision_id: id }))
}

/** False where it still runs. A workflow that continued as new is archived with all its runs. */
async function archiveWorkflow({ pool, client }: Archive, workflow: ArchivableWorkflow): Promise<boolean> {
  const described = await unlessGone(client.workflow.getHandle(workflow.workflow_id).describe())
  if (described === null) {
    await saveHistoryGone(pool, { ...workflow, detail: 'Temporal knows no such workflow: its history is past retention, or was lost' })
    return true
  }
  const { closeTime, type } = described
  if (closeTime === undefined) return false
  const { namespace } = client.options
  const runs: ArchivedHistory[] = []
  let closedAt = closeTime.getTime()
  for (let run: string | null = described.runId; run !== null;) {
    const history: History | null = await unlessGone(client.workflow.getHandle(workflow.workflow_id, run).fetchHistory())
    if (history === null) break
    runs.push({ ...workflow, ...rowOf(history), temporal_run_id: run, workflow_type: type, namespace, closed_at: closedAt })
    // A run begins when the one before it ends.
    const started: HistoryEvent | undefined = history.events?.[0]
    closedAt = timeOf(started)
    run = started?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || null
  }
  await withTransaction(pool, async (db) => {
    for (const run of runs.toReversed()) await saveHistory(db, run)
  })
  return true
}

async function unlessGone<Found>(asked: Promise<Found>): Promise<Found | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

function rowOf(history: History) {
  const bytes = Buffer.from(historyMessage.encode(history).finish())
  const events = history.events ?? []
  return {
    history: bytes,
    history_hash: createHash('sha256').update(bytes).digest('hex'),
    event_count: events.length,
    bundle_hash: workflowTasks(events).at(-1)?.bundleHash ?? null,
  }
}

/** Wall time of an event, in ms. */
function timeOf(event: HistoryEvent | undefined): number {
  const { seconds = 0, nanos = 0 } = event?.eventTime ?? {}
  return Number(seconds) * 1000 + Math.floor((nanos ?? 0) / 1e6)
}
