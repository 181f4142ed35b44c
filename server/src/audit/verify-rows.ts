import type { RecordFields, RecordOp } from '@trader/core/audit/canonical-record'
import type { Database } from '../database/pool.ts'
import type { Findings } from './findings.ts'
import { fieldsOf, rowContent, rowId } from './record-fields.ts'
import { scan } from './scan.ts'
import { sealedTables, type SealedTable } from './sealed-tables.ts'

const byRow = sealedTables.filter(({ content }) => content === 'row')
const byLeaf = sealedTables.filter(({ content }) => content === 'leaf')

/** The other direction: every row has a record, and a row that changes is what its newest record says. */
export async function verifyRows(db: Database, findings: Findings): Promise<void> {
  const missing = [
    { why: unknown, sql: all(byRow, unknownRows) },
    { why: 'it was removed before it was sealed', sql: all(byRow, lostPromises) },
    { why: 'its posting is not there', sql: strayEntries },
  ]
  for (const { why, sql } of missing) {
    for await (const rows of scan<{ kind: string; id: string }>(db, sql)) rows.forEach(({ kind, id }) => findings.add({ kind, id, why }))
  }
  for await (const pairs of scan<Pair>(db, all(byLeaf, rowsWithNewestRecord))) {
    for (const pair of pairs) {
      const why = difference(pair)
      if (why !== null) findings.add({ kind: pair.kind, id: pair.id, why })
    }
  }
}

const unknown = 'no record knows it: it was added, or its record removed'

/** One statement for all tables: a small journal is checked in few round trips. */
const all = (tables: readonly SealedTable[], sql: (table: SealedTable) => string): string => tables.map(sql).join(' union all ')

/** Rows that are neither sealed nor waiting to be. An event waits for its number first. */
function unknownRows(table: SealedTable): string {
  const { kind } = table
  return `select '${kind}' as kind, ${rowId(table)} as id from ${kind} t
    where ${kind === 'event' ? 't.id is not null and' : ''}
      not exists (select from audit_leaf l where l.kind = '${kind}' and l.id = ${rowId(table)})
      and not exists (select from audit_queue q where q.kind = '${kind}' and q.id = ${rowId(table)})`
}

/** Waiting records of rows that are gone before they were sealed. */
function lostPromises(table: SealedTable): string {
  const { kind } = table
  return `select '${kind}' as kind, q.id from audit_queue q
    where q.kind = '${kind}' and not exists (select from ${kind} t where ${rowId(table)} = q.id)`
}

const strayEntries = `select 'entry' as kind, e.txn_id || '/' || e.seq as id from entry e
  where not exists (select from txn t where t.txn_id = e.txn_id)`

interface Pair {
  readonly kind: string
  readonly id: string
  /** Null where there is no row, or no record. */
  readonly row: RecordFields | null
  readonly record: RecordFields | null
  readonly op: RecordOp | null
}

function rowsWithNewestRecord(table: SealedTable): string {
  const { kind } = table
  return `select '${kind}' as kind, coalesce(t.id, n.id) as id, n.op, case when t.id is not null then ${fieldsOf('t.content')} end as row,
      case when n.id is not null then ${fieldsOf(`coalesce(n.content, '{}')`)} end as record
    from (select ${rowId(table)} as id, ${rowContent(table)} as content from ${kind} t) as t
    full join (
      select distinct on (id) id, op, content from (
        select 0 as is_queued, seal as place, leaf as next_place, id, op, content from audit_leaf where kind = '${kind}'
        union all select 1, queue_id, 0, id, op, content from audit_queue where kind = '${kind}'
      ) as records order by id, is_queued desc, place desc, next_place desc
    ) as n on n.id = t.id`
}

function difference({ row, record, op }: Pair): string | null {
  if (record === null) return unknown
  if (row === null) return op === 'delete' ? null : 'it was removed'
  if (op === 'delete') return 'it was removed, and is there again'
  const names = [...new Set([...Object.keys(row), ...Object.keys(record)])].filter((name) => row[name] !== record[name])
  return names.length === 0 ? null : `it is not as it was recorded last: ${names.map((name) => told(name, { row, record })).join(', ')}`
}

const longest = 80

function told(name: string, { row, record }: { row: RecordFields; record: RecordFields }): string {
  const short = (text: string | undefined): string => (text === undefined ? 'null' : text.slice(0, longest))
  return `${name} is ${short(row[name])}, was ${short(record[name])}`
}
