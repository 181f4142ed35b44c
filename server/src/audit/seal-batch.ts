import { canonicalRecord, type RecordFields, type RecordOp } from '@trader/core/audit/canonical-record'
import { leafHash, merkleRoot } from '@trader/core/audit/merkle-tree'
import type { Seal } from '@trader/core/audit/seal'
import { withTransaction, type Pool, type Transaction } from '../database/pool.ts'
import { fieldsOf, fieldsOfRows, recordName } from './record-fields.ts'
import type { ChainEnd } from './seal-chain.ts'
import type { SealSigner } from './seal-key.ts'

/** A seal's tree and its records fit into memory at once. */
const mostRecords = 1000
/** Number of the advisory lock under which there is one sealer at a time. */
const sealerLock = 6962

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

interface QueuedRecord {
  readonly queue_id: number
  readonly kind: string
  readonly id: string
  readonly op: RecordOp
  readonly queued_at: number
  /** Null where the content is the row's. */
  readonly fields: RecordFields | null
}

/** The newest seal in the database is not the one that this sealer made last. */
export class SealChainBroken extends Error {
  override readonly name = 'SealChainBroken'
}

/**
 * Seals what waits, at most 1,000 records; null where nothing does. Every committed record is taken, whatever its number, so a transaction
 * that commits late is sealed late, never skipped.
 */
export async function sealBatch(pool: Pool, { signer, end }: { signer: SealSigner; end: ChainEnd }): Promise<Seal | null> {
  return withTransaction(pool, async (db) => {
    await db.query('select pg_advisory_xact_lock($1)', [sealerLock])
    await requireNewest(db, end.newest)
    const queued = await readQueue(db)
    if (queued.length === 0) return null
    const hashes = await leafHashes(db, queued)
    const sealedAt = await wallTime(db)
    const seal = signer.sign({
      ...end.next,
      sealed_at: sealedAt,
      lag_ms: sealedAt - Math.min(...queued.map((record) => record.queued_at)),
      records: queued.length,
      root: hex(merkleRoot(hashes)),
      key_id: signer.keyId,
    })
    await store(db, { seal, queued, hashes })
    return seal
  })
}

/** A seal as a message names it. */
export function nameSeal(seal: Seal | null): string {
  return seal === null ? 'none' : `seal ${seal.seal} (${seal.hash.slice(0, 12)})`
}

/** The newest seal that the database has. */
export async function newestSeal(db: Pick<Transaction, 'query'>): Promise<Seal | null> {
  const { rows } = await db.query<Seal>('select * from audit_seal order by seal desc limit 1')
  return rows[0] ?? null
}

async function requireNewest(db: Transaction, expected: Seal | null): Promise<void> {
  const newest = await newestSeal(db)
  if (newest?.hash === expected?.hash) return
  throw new SealChainBroken(`the newest seal in the database is ${nameSeal(newest)}, the last one made here is ${nameSeal(expected)}`)
}

async function readQueue(db: Transaction): Promise<QueuedRecord[]> {
  const { rows } = await db.query<QueuedRecord>(
    `select queue_id, kind, id, op, queued_at, case when content is not null then ${fieldsOf('content')} end as fields
     from audit_queue order by queue_id limit $1`,
    [mostRecords],
  )
  return rows
}

/** A row that is gone already leaves a record without fields, which no later row fits. */
async function leafHashes(db: Transaction, queued: readonly QueuedRecord[]): Promise<Uint8Array[]> {
  const found = await fieldsOfRows(db, queued)
  return queued.map(({ kind, id, op, fields }) => {
    return leafHash(canonicalRecord({ kind, id, op, fields: fields ?? found.get(recordName({ kind, id })) ?? {} }))
  })
}

async function wallTime(db: Transaction): Promise<number> {
  const { rows } = await db.query<{ now: number }>('select now_ms() as now')
  if (rows[0] === undefined) throw new Error('now_ms() answered nothing')
  return rows[0].now
}

async function store(
  db: Transaction,
  { seal, queued, hashes }: { seal: Seal; queued: readonly QueuedRecord[]; hashes: readonly Uint8Array[] },
): Promise<void> {
  await db.query('insert into audit_seal select * from jsonb_populate_record(null::audit_seal, $1)', [JSON.stringify(seal)])
  await db.query(
    `with sealed as (select * from unnest($2::bigint[], $3::text[]) with ordinality as s (queue_id, hash, place)),
       taken as (delete from audit_queue q using sealed s where q.queue_id = s.queue_id returning q.*, s.hash, s.place)
     insert into audit_leaf (seal, leaf, kind, id, op, content, hash)
     select $1, place - 1, kind, id, op, content, hash from taken order by place`,
    [seal.seal, queued.map((record) => record.queue_id), hashes.map(hex)],
  )
}
