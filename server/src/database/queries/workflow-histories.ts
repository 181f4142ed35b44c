import type { Database } from '../pool.ts'

/** A closed run of a workflow that is a decision, or belongs to one. */
export interface ArchivedHistory {
  readonly workflow_id: string
  readonly temporal_run_id: string
  readonly workflow_type: string
  readonly decision_id: string
  readonly namespace: string
  /** Of the last workflow task; null where the worker did not say. */
  readonly bundle_hash: string | null
  readonly event_count: number
  /** Wall time, in ms. */
  readonly closed_at: number
  /** temporal.api.history.v1.History in protobuf, and its SHA-256. */
  readonly history: Buffer
  readonly history_hash: string
}

/** Stores a history once; a run that is closed never changes. */
export async function saveHistory(db: Database, archived: ArchivedHistory): Promise<void> {
  await db.query(
    `insert into workflow_history
       (history_hash, workflow_id, temporal_run_id, workflow_type, decision_id, namespace, bundle_hash, event_count, closed_at, history)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
    [
      archived.history_hash,
      archived.workflow_id,
      archived.temporal_run_id,
      archived.workflow_type,
      archived.decision_id,
      archived.namespace,
      archived.bundle_hash,
      archived.event_count,
      archived.closed_at,
      archived.history,
    ],
  )
}

/** Notes that Temporal has no history of a workflow. */
export async function saveHistoryGone(db: Database, gone: ArchivableWorkflow & { readonly detail: string }): Promise<void> {
  await db.query('insert into workflow_history_gone (workflow_id, decision_id, detail) values ($1, $2, $3) on conflict do nothing', [
    gone.workflow_id,
    gone.decision_id,
    gone.detail,
  ])
}

/** A workflow whose history is to be archived. */
export interface ArchivableWorkflow {
  readonly workflow_id: string
  readonly decision_id: string
}

/** Decisions, and orders of decisions that have ended, whose histories are not in the archive yet: oldest first. */
export async function unarchivedWorkflows(db: Database, { limit }: { limit: number }): Promise<ArchivableWorkflow[]> {
  const { rows } = await db.query<ArchivableWorkflow>(
    `select workflow_id, decision_id from (
       select id as workflow_id, id as decision_id, recorded_at as at from decision
       union all
       select o.workflow_id, o.correlation_id, o.created_at from orders o
       where is_terminal(o.state) and exists (select from decision d where d.id = o.correlation_id)
     ) w
     where not exists (select from workflow_history h where h.workflow_id = w.workflow_id)
       and not exists (select from workflow_history_gone g where g.workflow_id = w.workflow_id)
     order by at limit $1`,
    [limit],
  )
  return rows
}

/** Wall time (ms) at which the newest archived workflow closed; null while the archive is empty. */
export async function archivedUntil(db: Database): Promise<number | null> {
  const { rows } = await db.query<{ closed_at: number | null }>('select max(closed_at) as closed_at from workflow_history')
  return rows[0]?.closed_at ?? null
}

/** Those of some workflows that are in the archive. */
export async function archivedOf(db: Database, workflowIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ workflow_id: string }>('select workflow_id from workflow_history where workflow_id = any($1)', [
    workflowIds,
  ])
  return new Set(rows.map((row) => row.workflow_id))
}

/** The histories of one decision: its own first, then those of its orders. */
export async function historiesOf(db: Database, decisionId: string): Promise<ArchivedHistory[]> {
  const { rows } = await db.query<ArchivedHistory>(
    `select history_hash, workflow_id, temporal_run_id, workflow_type, decision_id, namespace, bundle_hash, event_count, closed_at, history
     from workflow_history where decision_id = $1 order by workflow_id <> decision_id, workflow_id, closed_at`,
    [decisionId],
  )
  return rows
}

/** Ids of all decisions that are recorded, archived or both, by market time; `after` is the last id of the page before. */
export async function decisionsToReplay(db: Database, { after, limit }: { after: string | null; limit: number }): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from (select id from decision union select decision_id from workflow_history) d
     where $1::text is null or id > $1 order by id limit $2`,
    [after, limit],
  )
  return rows.map((row) => row.id)
}
