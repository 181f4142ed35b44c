import type { RecordFields } from '@trader/core/audit/canonical-record'
import type { Database } from '../database/pool.ts'
import { sealedTables, type SealedTable } from './sealed-tables.ts'

// SQL that turns a row into what is hashed. It uses nothing but Postgres' own functions, so that a check does not trust ours.

/** The fields of a jsonb object: every value as its text, nulls dropped. As jsonb it holds texts alone, so JavaScript reads it exactly. */
export function fieldsOf(jsonb: string): string {
  return `(select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each_text(${jsonb}) where value is not null)`
}

/** The row `t` of a table as jsonb, without what no record covers; a posting with its entries, many bytes as their hash. */
export function rowContent({ kind, leftOut, digested }: SealedTable): string {
  const without = [...Object.keys(leftOut), ...digested]
  const row = without.length === 0 ? 'to_jsonb(t)' : `to_jsonb(t) - array[${without.map((column) => `'${column}'`).join(', ')}]`
  const hashes = digested.map((column) => `'${column}_sha256', encode(sha256(t.${column}), 'hex')`)
  const more = kind === 'txn' ? [`'entries', (${entriesOfTxn})`] : hashes
  return more.length === 0 ? row : `${row} || jsonb_build_object(${more.join(', ')})`
}

const entriesOfTxn = `select jsonb_agg(to_jsonb(e) - 'txn_id' order by e.seq) from entry e where e.txn_id = t.txn_id`

/** The id of the row `t`. */
export function rowId({ key }: SealedTable): string {
  return key.map((part) => `t.${part}::text`).join(` || '/' || `)
}

/** What an id must look like to be looked up: a tampered one must not break the statement. */
const idShapes = {
  bigint: /^\d{1,18}$/,
  int: /^\d{1,9}$/,
  text: /^/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
} as const

/** Names a record: a table's name has no blank, so no two share one. */
export const recordName = ({ kind, id }: { kind: string; id: string }): string => `${kind} ${id}`

const byRow = sealedTables.filter(({ content }) => content === 'row')

/** The fields of rows that are written once, by the names of their records, in one statement. What is not there is not in the answer. */
export async function fieldsOfRows(
  db: Database,
  records: readonly { readonly kind: string; readonly id: string }[],
): Promise<ReadonlyMap<string, RecordFields>> {
  const wanted = byRow
    .map((table) => ({
      table,
      ids: records.filter(({ kind, id }) => kind === table.kind && idShapes[table.keyType].test(id)).map(({ id }) => id),
    }))
    .filter(({ ids }) => ids.length > 0)
  if (wanted.length === 0) return new Map()
  const statements = wanted.map(
    ({ table }, index) =>
      `select '${table.kind}' as kind, ${rowId(table)} as id, ${fieldsOf(rowContent(table))} as fields
       from ${table.kind} t where t.${table.key[0]} = any($${index + 1}::${table.keyType}[])`,
  )
  const { rows } = await db.query<{ kind: string; id: string; fields: RecordFields }>(
    statements.join(' union all '),
    wanted.map(({ ids }) => ids),
  )
  return new Map(rows.map(({ kind, id, fields }) => [recordName({ kind, id }), fields]))
}
