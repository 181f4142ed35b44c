import type { Database } from '../database/pool.ts'
import { sealedTables, type SealedTable } from './sealed-tables.ts'

// SQL that turns a row into what is hashed. It uses nothing but Postgres' own functions, so that a check does not trust ours.

/** A sealed table with those of its columns that may be null: a null is left out of the content. */
export interface TableShape extends SealedTable {
  readonly nullable: readonly string[]
}

/** The sealed tables as the database has them. */
export async function readShapes(db: Pick<Database, 'query'>): Promise<TableShape[]> {
  const { rows } = await db.query<{ kind: string; nullable: string[] }>(
    `select c.relname::text as kind, array_agg(attname::text order by attnum) as nullable
     from pg_class c join pg_attribute a on a.attrelid = c.oid and attnum > 0 and not attisdropped and not attnotnull
     where c.relnamespace = 'public'::regnamespace and c.relname = any($1) group by c.relname`,
    [sealedTables.map(({ kind }) => kind)],
  )
  const nullable = new Map(rows.map((row) => [row.kind, row.nullable]))
  return sealedTables.map((table) => Object.assign({ nullable: nullable.get(table.kind) ?? [] }, table))
}

/** The content of the row `t`: what no record covers is left out; a posting has its entries, many bytes are their hash. */
export function rowContent({ kind, leftOut, digested, nullable }: TableShape): string {
  const without = [...Object.keys(leftOut), ...digested]
  const nulls = nullable.filter((column) => !without.includes(column)).map((column) => `case when t.${column} is null then '${column}' end`)
  const names = [...without.map((column) => `'${column}'`), ...nulls]
  const row = names.length === 0 ? 'to_jsonb(t)' : `to_jsonb(t) - array_remove(array[${names.join(', ')}], null)`
  const hashes = digested.map((column) => `'${column}_sha256', encode(sha256(t.${column}), 'hex')`)
  const more = kind === 'txn' ? [`'entries', (${entriesOfTxn})`] : hashes
  return more.length === 0 ? `(${row})::text` : `(${row} || jsonb_build_object(${more.join(', ')}))::text`
}

const entriesOfTxn = `select jsonb_agg(to_jsonb(e) - 'txn_id' order by e.seq) from entry e where e.txn_id = t.txn_id`

/** The id of the row `t`. */
export function rowId({ key }: Pick<SealedTable, 'key'>): string {
  return key.map((part) => `t.${part}::text`).join(` || '/' || `)
}

/** What an id must look like to be looked up: a tampered one must not break the statement. */
const idShapes = {
  bigint: /^\d{1,18}$/,
  int: /^\d{1,9}$/,
  text: /^/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
} as const

export interface RecordName {
  readonly kind: string
  readonly id: string
}

/** Names a record: a table's name has no blank, so no two share one. */
export const recordName = ({ kind, id }: RecordName): string => `${kind} ${id}`

/** A statement that answers `kind`, `id` and `content` of rows by their records' names, with its parameters from number `from` on. */
export function contentOf(
  shapes: readonly TableShape[],
  { records, from }: { records: readonly RecordName[]; from: number },
): { sql: string; parameters: string[][] } {
  const wanted = shapes
    .map((shape) => ({
      shape,
      ids: records.filter(({ kind, id }) => kind === shape.kind && idShapes[shape.idType].test(id)).map(({ id }) => id),
    }))
    .filter(({ ids }) => ids.length > 0)
  const statements = wanted.map(({ shape }, index) => {
    const { kind, key, idType } = shape
    const column = key.length === 1 ? `t.${key[0]}` : `(${rowId(shape)})`
    return `select '${kind}' as kind, ${rowId(shape)} as id, ${rowContent(shape)} as content from ${kind} t where ${column} = any($${from + index}::${idType}[])`
  })
  const none = `select ''::text as kind, ''::text as id, ''::text as content where false`
  return { sql: [none, ...statements].join(' union all '), parameters: wanted.map(({ ids }) => ids) }
}
