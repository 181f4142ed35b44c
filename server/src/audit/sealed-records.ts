import { canonicalRecord, type AuditRecord } from '@trader/core/audit/canonical-record'
import { leafHash } from '@trader/core/audit/merkle-tree'
import type { Database } from '../database/pool.ts'
import { contentOf, recordName, readShapes, type TableShape } from './record-content.ts'
import { scan } from './scan.ts'

/** A leaf with what it stands for, as the database has it now. */
export interface SealedRecord extends AuditRecord {
  readonly seal: number
  /** Its place in the seal's tree. */
  readonly leaf: number
  /** The leaf's hash as stored, and as it follows from the record, in hex. */
  readonly hash: string
  readonly computedHash: string
  /** The row that the record names is not there. */
  readonly isMissing: boolean
  /** What its seal says; null where there is no such seal. */
  readonly sealRecords: number | null
  readonly sealRoot: string | null
}

interface LeafRow {
  readonly seal: number
  readonly leaf: number
  readonly kind: string
  readonly id: string
  readonly content: string | null
  readonly hash: string
  readonly seal_records: number | null
  readonly seal_root: string | null
}

/** Documents of a decision are large: this many records are held at once. */
const atOnce = 500

/** Every sealed record in the order of seals and leaves, a few at a time. `only` picks one seal. */
export async function* sealedRecords(db: Database, { only }: { only?: number } = {}): AsyncGenerator<readonly SealedRecord[]> {
  const byRow = (await readShapes(db)).filter(({ content }) => content === 'row')
  const sql = `select l.seal, leaf, kind, id, content, encode(l.hash, 'hex') as hash, s.records as seal_records, s.root as seal_root
    from audit_leaf l left join audit_seal s on s.seal = l.seal where $1::bigint is null or l.seal = $1 order by l.seal, leaf`
  for await (const leaves of scan<LeafRow>(db, sql, { parameters: [only ?? null], rowsAtOnce: atOnce })) {
    yield await withRows(db, { leaves, byRow })
  }
}

async function withRows(
  db: Database,
  { leaves, byRow }: { leaves: readonly LeafRow[]; byRow: readonly TableShape[] },
): Promise<SealedRecord[]> {
  const { sql, parameters } = contentOf(byRow, { records: leaves, from: 1 })
  const { rows } = await db.query<AuditRecord>(sql, parameters)
  const contents = new Map(rows.map((row) => [recordName(row), row.content]))
  const kinds = new Set(byRow.map(({ kind }) => kind))
  return leaves.map(({ seal, leaf, kind, id, content, hash, seal_records, seal_root }) => {
    // A leaf has no content of its own where the row has it; one that was given some does not fit.
    const found = content ?? contents.get(recordName({ kind, id }))
    const record = { kind, id, content: found ?? '' }
    const computedHash = Buffer.from(leafHash(canonicalRecord(record))).toString('hex')
    const isMissing = kinds.has(kind) && found === undefined
    return { ...record, seal, leaf, hash, computedHash, isMissing, sealRecords: seal_records, sealRoot: seal_root }
  })
}
