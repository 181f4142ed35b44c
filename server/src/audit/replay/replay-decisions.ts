import { createHash } from 'node:crypto'
import proto from '@temporalio/proto'
import type { Pool } from '../../database/pool.ts'
import { findDecision } from '../../database/queries/list-decisions.ts'
import { findBundle, type FoundBundle } from '../../database/queries/workflow-bundles.ts'
import { type ArchivedHistory, decisionsToReplay, historiesOf } from '../../database/queries/workflow-histories.ts'
import { type Difference, valueDifference } from './first-difference.ts'
import type { JobHistory, ReplayJob } from './replay-job.ts'
import type { Replayer } from './replayer.ts'
import { bundleHashes, workflowTasks } from './workflow-tasks.ts'

const { History: historyMessage } = proto.temporal.api.history.v1

/** Decisions that are read and replayed at once. */
const pageSize = 100

export interface ReplayReport {
  /** Decisions, each with its orders. */
  readonly replayed: number
  readonly identical: number
  /** The first difference of each decision that has one. */
  readonly different: readonly (Difference & { readonly id: string })[]
  /** Runs of workflows behind the decisions: their own and their orders'. */
  readonly workflows: number
  /** Decisions without a history in the archive: still running, or lost by Temporal. */
  readonly not_archived: readonly string[]
}

export interface ReplayRequest {
  readonly pool: Pool
  readonly replayer: Replayer
  /** Ids of decisions; null for all. */
  readonly ids: readonly string[] | null
  /** The code of today's bundle, to be tried on all; null to replay each on the bundle it ran on. */
  readonly current: string | null
  readonly onProgress: (replayed: number) => void
}

/** Replays decisions and the orders they led to, and tells what was not as recorded. */
export async function replayDecisions(request: ReplayRequest): Promise<ReplayReport> {
  const report = {
    replayed: 0,
    identical: 0,
    different: [] as ReplayReport['different'][number][],
    workflows: 0,
    not_archived: [] as string[],
  }
  const bundles = new Bundles(request)
  for await (const ids of pages(request)) {
    const decisions = await Promise.all(ids.map((id) => readDecision(request.pool, id)))
    const archived = decisions.filter(({ histories }) => histories.length > 0)
    const found = await differencesOf(
      archived.flatMap(({ histories }) => histories),
      { ...request, bundles },
    )
    for (const { id, histories, document } of decisions) {
      if (histories.length === 0) report.not_archived.push(id)
      else {
        const difference = firstOf(id, histories, found) ?? recordDifference(document, histories[0])
        report.replayed += 1
        report.workflows += histories.length
        if (difference === null) report.identical += 1
        else report.different.push({ id, ...difference })
      }
    }
    request.onProgress(report.replayed)
  }
  return report
}

async function* pages({ pool, ids }: ReplayRequest): AsyncGenerator<readonly string[]> {
  let page = ids ?? (await decisionsToReplay(pool, { after: null, limit: pageSize }))
  while (page.length > 0) {
    yield page
    page = ids === null ? await decisionsToReplay(pool, { after: page.at(-1) ?? null, limit: pageSize }) : []
  }
}

interface ArchivedDecision {
  readonly id: string
  readonly histories: readonly ArchivedHistory[]
  /** What the book of record says; null where the decision failed before it was recorded. */
  readonly document: Readonly<Record<string, unknown>> | null
}

async function readDecision(pool: Pool, id: string): Promise<ArchivedDecision> {
  const [histories, decision] = await Promise.all([historiesOf(pool, id), findDecision(pool, id)])
  if (decision === null) return { id, histories, document: null }
  const { recorded_at: _, ...document } = decision
  return { id, histories, document }
}

function firstOf(id: string, histories: readonly ArchivedHistory[], found: ReadonlyMap<ArchivedHistory, Difference>): Difference | null {
  for (const history of histories) {
    const difference = found.get(history)
    if (difference === undefined) continue
    return history.workflow_id === id ? difference : { ...difference, path: `${history.workflow_id}: ${difference.path}` }
  }
  return null
}

/** The decision in the book of record must be what its workflow answered. */
function recordDifference(document: ArchivedDecision['document'], history: ArchivedHistory | undefined): Difference | null {
  if (document === null || history === undefined) return null
  const completed = historyMessage.decode(history.history).events.at(-1)?.workflowExecutionCompletedEventAttributes
  const result = completed?.result?.payloads?.[0]?.data
  if (!result) return null
  const answered: unknown = JSON.parse(Buffer.from(result).toString('utf8'))
  return valueDifference(document, answered, 'decision')
}

interface Scope extends ReplayRequest {
  readonly bundles: Bundles
}

/** The first difference of each history that has one. Histories of one bundle and one queue are replayed together. */
async function differencesOf(histories: readonly ArchivedHistory[], scope: Scope): Promise<ReadonlyMap<ArchivedHistory, Difference>> {
  const found = new Map<ArchivedHistory, Difference>()
  const groups = new Map<string, { readonly hash: string | null; readonly queue: string; readonly of: ArchivedHistory[] }>()
  for (const history of histories) {
    const problem = damageOf(history)
    if (problem !== null) {
      found.set(history, problem)
      continue
    }
    const { queue, hashes } = planOf(history)
    for (const hash of scope.current === null ? hashes : hashes.slice(0, 1).map(() => null)) {
      const key = JSON.stringify([hash, queue, history.namespace])
      const group = groups.get(key) ?? { hash, queue, of: [] }
      group.of.push(history)
      groups.set(key, group)
    }
  }
  for (const { hash, queue, of } of groups.values()) {
    const bundle = await scope.bundles.find(hash)
    const differences = bundle.ok ? await scope.replayer.replay(jobOf(of, { hash, queue, code: bundle.code })) : []
    for (const [at, history] of of.entries()) {
      const difference = bundle.ok ? differences[at] : { path: 'bundle', recorded: hash, replayed: bundle.problem }
      if (difference && !found.has(history)) found.set(history, difference)
    }
  }
  return found
}

function jobOf(
  histories: readonly ArchivedHistory[],
  { hash, queue, code }: { hash: string | null; queue: string; code: string },
): ReplayJob {
  const of = histories.map(({ workflow_id, history }): JobHistory => ({ workflowId: workflow_id, bytes: history, bundleHash: hash }))
  return { code, taskQueue: queue, namespace: histories[0]?.namespace ?? '', histories: of }
}

/** What was altered in the archive itself. */
function damageOf({ history, history_hash }: ArchivedHistory): Difference | null {
  const hash = createHash('sha256').update(history).digest('hex')
  return hash === history_hash ? null : { path: 'history', recorded: `hash ${history_hash}`, replayed: `hash ${hash}` }
}

/** Where a history ran, and on which bundles: none where it was ended before any task. One that cannot be read is left to the replay, which says so. */
function planOf({ history, bundle_hash }: ArchivedHistory): { queue: string; hashes: readonly (string | null)[] } {
  try {
    const { events } = historyMessage.decode(history)
    const hashes = bundleHashes(workflowTasks(events))
    const queue = events[0]?.workflowExecutionStartedEventAttributes?.taskQueue?.name ?? ''
    return { queue, hashes }
  } catch {
    return { queue: '', hashes: [bundle_hash] }
  }
}

/** Code by hash, read once; today's for null. */
class Bundles {
  readonly #found = new Map<string | null, Promise<FoundBundle>>()
  readonly #request: ReplayRequest

  constructor(request: ReplayRequest) {
    this.#request = request
  }

  find(hash: string | null): Promise<FoundBundle> {
    const known = this.#found.get(hash) ?? this.#read(hash)
    this.#found.set(hash, known)
    return known
  }

  async #read(hash: string | null): Promise<FoundBundle> {
    const { current, pool } = this.#request
    if (current !== null) return { ok: true, code: current }
    return hash === null ? { ok: false, problem: 'the worker did not say which bundle it ran' } : findBundle(pool, hash)
  }
}
