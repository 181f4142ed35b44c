import { merkleRoot } from '@trader/core/audit/merkle-tree'
import type { Seal } from '@trader/core/audit/seal'
import { withTransaction, type Pool, type Transaction } from '../database/pool.ts'
import { contentOf, type RecordName, recordName, type TableShape } from './record-content.ts'
import type { ChainEnd } from './seal-chain.ts'
import type { SealSigner } from './seal-key.ts'

/** A seal's tree fits into memory at once. */
const mostQueued = 5000
/** Number of the advisory lock under which there is one sealer at a time. */
const sealerLock = 6962

/** The newest seal in the database is not the one that this sealer made last. */
export class SealChainBroken extends Error {
  override readonly name = 'SealChainBroken'
}

/**
 * Seals what waits, at most 5,000 changes; null where nothing does. Whatever is committed is taken, so a transaction that commits late is
 * sealed late, never skipped. A row that changed several times since the last seal is one record, as it is now.
 */
export async function sealBatch(
  pool: Pool,
  { signer, end, shapes }: { signer: SealSigner; end: ChainEnd; shapes: readonly TableShape[] },
): Promise<Seal | null> {
  return withTransaction(pool, async (db) => {
    await db.query('select pg_advisory_xact_lock($1)', [sealerLock])
    await requireNewest(db, end.newest)
    const { records, lagMs, now } = await takeQueue(db)
    if (records.length === 0) return null
    const hashes = await storeLeaves(db, { seal: end.next.seal, records, shapes })
    const root = Buffer.from(merkleRoot(hashes)).toString('hex')
    const seal = signer.sign({ ...end.next, sealed_at: now, lag_ms: lagMs, records: records.length, root, key_id: signer.keyId })
    await db.query('insert into audit_seal select * from jsonb_populate_record(null::audit_seal, $1)', [JSON.stringify(seal)])
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

async function takeQueue(db: Transaction): Promise<{ records: RecordName[]; lagMs: number; now: number }> {
  const { rows } = await db.query<RecordName & { queued_at: number; now: number }>(
    `delete from audit_queue where ctid = any(array(select ctid from audit_queue limit ${mostQueued}))
     returning kind, id, queued_at, now_ms() as now`,
  )
  const records = [...new Map(rows.map(({ kind, id }) => [recordName({ kind, id }), { kind, id }])).values()]
  const now = Math.max(0, ...rows.map((row) => row.now))
  return { records, lagMs: now - Math.min(now, ...rows.map((row) => row.queued_at)), now }
}

/** `core/audit/canonical-record` and the leaf's mark, in SQL: rows are hashed where they are. A row that is gone has no content. */
const sized = (text: string): string => `int4send(octet_length(${text})) || convert_to(${text}, 'UTF8')`
const leafHash = `sha256('\\x0001'::bytea || ${sized('r.kind')} || ${sized('r.id')} || ${sized(`coalesce(c.content, '')`)})`

async function storeLeaves(
  db: Transaction,
  { seal, records, shapes }: { seal: number; records: readonly RecordName[]; shapes: readonly TableShape[] },
): Promise<Buffer[]> {
  const contents = contentOf(shapes, { records, from: 5 })
  const kept = shapes.filter(({ content }) => content === 'leaf').map(({ kind }) => kind)
  const { rows } = await db.query<{ leaf: number; hash: Buffer }>(
    `insert into audit_leaf (seal, leaf, kind, id, content, hash)
     select $1, r.place - 1, r.kind, r.id, case when r.kind = any($4::text[]) then coalesce(c.content, '') end, ${leafHash}
     from unnest($2::text[], $3::text[]) with ordinality as r (kind, id, place)
       left join (${contents.sql}) as c on c.kind = r.kind and c.id = r.id
     returning leaf, hash`,
    [seal, records.map(({ kind }) => kind), records.map(({ id }) => id), kept, ...contents.parameters],
  )
  return rows.toSorted((one, other) => one.leaf - other.leaf).map(({ hash }) => hash)
}
