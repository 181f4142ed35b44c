import type { KeyObject } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../database/pool.ts'
import { Findings, type Finding } from './findings.ts'
import { newestSeal } from './seal-batch.ts'
import { lastLoggedSeal } from './seal-log.ts'
import { verifyDerived } from './verify-derived.ts'
import { verifyRecords } from './verify-records.ts'
import { verifyRows } from './verify-rows.ts'
import { verifySeals, type Gap } from './verify-seals.ts'

/** What `trader audit verify --json` prints. */
export interface AuditVerdict {
  readonly ok: boolean
  readonly seals: number
  readonly records: number
  /** Recorded and not sealed yet, and how old the oldest of them is. */
  readonly unsealed: number
  readonly oldest_unsealed_ms: number | null
  /** The longest that any record waited for its seal. */
  readonly longest_lag_ms: number
  readonly accepted_gaps: readonly Gap[]
  readonly bad_total: number
  readonly bad: readonly Finding[]
}

export interface VerifyOptions {
  readonly publicKey: KeyObject
  /** Path of the seals' copy outside Postgres. */
  readonly sealLog: string
  /** How long a sealer that is at work may take to write the line of its newest seal. */
  readonly lineWithinMs?: number
  readonly onProgress?: (progress: { records: number; of: number }) => void
}

/**
 * Compares everything that was sealed with what is there now. Call it inside one `repeatable read` transaction. It holds a few hundred
 * records at a time, whatever the size of the journal.
 */
export async function verifyAudit(db: Database, options: VerifyOptions): Promise<AuditVerdict> {
  const { publicKey, sealLog, lineWithinMs = 0, onProgress } = options
  const findings = new Findings()
  // A seal is in the database before it is in the log. So what the log has before our first look must be there; what comes later is not ours.
  const loggedBefore = lastLoggedSeal(sealLog)?.seal ?? Infinity
  const { unsealed, age, leaves } = await countRecords(db)
  const newest = (await newestSeal(db))?.seal ?? 0
  await untilLogged({ sealLog, newest, lineWithinMs })
  const chain = await verifySeals(db, { publicKey, sealLog, findings, upTo: Math.max(loggedBefore, newest) })
  const records = await verifyRecords(db, { findings, onProgress: (done) => onProgress?.({ records: done, of: leaves }) })
  await verifyRows(db, findings)
  await verifyDerived(db, findings)
  return {
    ok: findings.total === 0,
    seals: chain.seals,
    records,
    unsealed,
    oldest_unsealed_ms: age,
    longest_lag_ms: chain.longest_lag_ms,
    accepted_gaps: chain.accepted_gaps,
    bad_total: findings.total,
    bad: findings.list,
  }
}

async function countRecords(db: Database): Promise<{ unsealed: number; age: number | null; leaves: number }> {
  const { rows } = await db.query<{ unsealed: number; age: number | null; leaves: number }>(
    `select count(*)::int as unsealed, now_ms() - min(queued_at) as age, (select count(*)::int from audit_leaf) as leaves from audit_queue`,
  )
  return rows[0] ?? { unsealed: 0, age: null, leaves: 0 }
}

async function untilLogged(wanted: { sealLog: string; newest: number; lineWithinMs: number }): Promise<void> {
  const end = performance.now() + wanted.lineWithinMs
  while ((lastLoggedSeal(wanted.sealLog)?.seal ?? 0) < wanted.newest && performance.now() < end) await sleep(50)
}
