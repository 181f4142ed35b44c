import type { RecordFields } from '@trader/core/audit/canonical-record'
import type { Database } from '../database/pool.ts'
import type { SealedTable } from './sealed-tables.ts'

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

/** The fields of rows that are written once, by id. What is not there is not in the answer. */
export async function fieldsOfRows(db: Database, table: SealedTable, ids: readonly string[]): Promise<Map<string, RecordFields>> {
  const known = ids.filter((id) => idShapes[table.keyType].test(id))
  if (known.length === 0) return new Map()
  const { rows } = await db.query<{ id: string; fields: RecordFields }>(
    `select ${rowId(table)} as id, ${fieldsOf(rowContent(table))} as fields
     from ${table.kind} t where t.${table.key[0]} = any($1::${table.keyType}[])`,
    [known],
  )
  return new Map(rows.map(({ id, fields }) => [id, fields]))
}
