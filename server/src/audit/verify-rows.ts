import type { RecordFields, RecordOp } from '@trader/core/audit/canonical-record'
import type { Database } from '../database/pool.ts'
import type { Findings } from './findings.ts'
import { fieldsOf, rowContent, rowId } from './record-fields.ts'
import { scan } from './scan.ts'
import { sealedTables, type SealedTable } from './sealed-tables.ts'

/** The other direction: every row has a record, and a row that changes is what its newest record says. */
export async function verifyRows(db: Database, findings: Findings): Promise<void> {
  for (const table of sealedTables) {
    if (table.content === 'row') await findUnknownRows(db, table, findings)
    else await compareWithNewest(db, table, findings)
  }
  await findLostPromises(db, findings)
  await findStrayEntries(db, findings)
}

const unknown = 'no record knows it: it was added, or its record removed'

/** Rows that are neither sealed nor waiting to be. An event waits for its number first. */
async function findUnknownRows(db: Database, table: SealedTable, findings: Findings): Promise<void> {
  const { kind } = table
  const sql = `select ${rowId(table)} as id from ${kind} t
    where ${kind === 'event' ? 't.id is not null and' : ''}
      not exists (select from audit_leaf l where l.kind = '${kind}' and l.id = ${rowId(table)})
      and not exists (select from audit_queue q where q.kind = '${kind}' and q.id = ${rowId(table)})
    order by ${table.key.join(', ')}`
  for await (const rows of scan<{ id: string }>(db, sql)) rows.forEach(({ id }) => findings.add({ kind, id, why: unknown }))
}

interface Pair {
  readonly id: string
  /** Null where there is no row, or no record. */
  readonly row: RecordFields | null
  readonly record: RecordFields | null
  readonly op: RecordOp | null
}

async function compareWithNewest(db: Database, table: SealedTable, findings: Findings): Promise<void> {
  const { kind } = table
  const sql = `with record as (
      select 0 as is_queued, seal as place, leaf as next_place, id, op, content from audit_leaf where kind = '${kind}'
      union all select 1, queue_id, 0, id, op, content from audit_queue where kind = '${kind}'
    ), newest as (select distinct on (id) id, op, content from record order by id, is_queued desc, place desc, next_place desc)
    select coalesce(t.id, n.id) as id, n.op, case when t.id is not null then ${fieldsOf('t.content')} end as row,
      case when n.id is not null then ${fieldsOf(`coalesce(n.content, '{}')`)} end as record
    from (select ${rowId(table)} as id, ${rowContent(table)} as content from ${kind} t) as t full join newest n on n.id = t.id`
  for await (const pairs of scan<Pair>(db, sql)) {
    for (const pair of pairs) {
      const why = difference(pair)
      if (why !== null) findings.add({ kind, id: pair.id, why })
    }
  }
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

/** Waiting records of rows that are gone before they were sealed. */
async function findLostPromises(db: Database, findings: Findings): Promise<void> {
  for (const table of sealedTables.filter(({ content }) => content === 'row')) {
    const { kind } = table
    const sql = `select q.id from audit_queue q
      where q.kind = '${kind}' and not exists (select from ${kind} t where ${rowId(table)} = q.id) order by q.queue_id`
    for await (const rows of scan<{ id: string }>(db, sql)) {
      rows.forEach(({ id }) => findings.add({ kind, id, why: 'it was removed before it was sealed' }))
    }
  }
}

async function findStrayEntries(db: Database, findings: Findings): Promise<void> {
  const sql = `select e.txn_id, e.seq from entry e where not exists (select from txn t where t.txn_id = e.txn_id) order by 1, 2`
  for await (const rows of scan<{ txn_id: number; seq: number }>(db, sql)) {
    rows.forEach(({ txn_id, seq }) => findings.add({ kind: 'entry', id: `${txn_id}/${seq}`, why: 'its posting is not there' }))
  }
}
