import { canonicalRecord, type AuditRecord, type RecordFields, type RecordOp } from '@trader/core/audit/canonical-record'
import { leafHash } from '@trader/core/audit/merkle-tree'
import type { Database } from '../database/pool.ts'
import { fieldsOf, fieldsOfRows, recordName } from './record-fields.ts'
import { scan } from './scan.ts'
import { sealedTables } from './sealed-tables.ts'

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
  readonly op: RecordOp
  readonly hash: string
  readonly fields: RecordFields | null
  readonly seal_records: number | null
  readonly seal_root: string | null
}

const byRow = new Set(sealedTables.filter(({ content }) => content === 'row').map(({ kind }) => kind))

/** Documents of a decision are large: this many records are held at once. */
const atOnce = 500

/** Every sealed record in the order of seals and leaves, a few at a time. `only` picks one seal. */
export async function* sealedRecords(db: Database, { only }: { only?: number } = {}): AsyncGenerator<readonly SealedRecord[]> {
  const sql = `select l.seal, leaf, kind, id, op, l.hash, case when content is not null then ${fieldsOf('content')} end as fields,
      s.records as seal_records, s.root as seal_root
    from audit_leaf l left join audit_seal s on s.seal = l.seal where $1::bigint is null or l.seal = $1 order by l.seal, leaf`
  for await (const leaves of scan<LeafRow>(db, sql, { parameters: [only ?? null], rowsAtOnce: atOnce })) yield await withRows(db, leaves)
}

async function withRows(db: Database, leaves: readonly LeafRow[]): Promise<SealedRecord[]> {
  const rows = await fieldsOfRows(db, leaves)
  return leaves.map((leaf) => {
    // A leaf has no content of its own where the row has it; one that was given some does not fit.
    const found = leaf.fields ?? rows.get(recordName(leaf))
    const { kind, id, op } = leaf
    const record = { kind, id, op, fields: found ?? {} }
    return {
      ...record,
      seal: leaf.seal,
      leaf: leaf.leaf,
      hash: leaf.hash,
      computedHash: Buffer.from(leafHash(canonicalRecord(record))).toString('hex'),
      isMissing: byRow.has(leaf.kind) && found === undefined,
      sealRecords: leaf.seal_records,
      sealRoot: leaf.seal_root,
    }
  })
}
