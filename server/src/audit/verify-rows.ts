import type { Database } from '../database/pool.ts'
import type { Findings } from './findings.ts'
import { readShapes, rowContent, rowId, type TableShape } from './record-content.ts'
import { scan } from './scan.ts'

/** The other direction: every row has a record, and a row that changes is what its newest record says. */
export async function verifyRows(db: Database, findings: Findings): Promise<void> {
  const shapes = await readShapes(db)
  const missing = [
    { why: unknown, sql: all(shapes, unknownRows) },
    { why: 'its posting is not there', sql: strayEntries },
  ]
  for (const { why, sql } of missing) {
    for await (const rows of scan<{ kind: string; id: string }>(db, sql)) rows.forEach(({ kind, id }) => findings.add({ kind, id, why }))
  }
  const changing = shapes.filter(({ content }) => content === 'leaf')
  for await (const pairs of scan<Pair>(db, all(changing, rowsUnlikeTheirRecord))) {
    pairs.forEach((pair) => findings.add({ kind: pair.kind, id: pair.id, why: difference(pair) }))
  }
}

const unknown = 'no record knows it: it was added, or its record removed'

/** One statement for all tables: a small journal is checked in few round trips. */
const all = (shapes: readonly TableShape[], sql: (shape: TableShape) => string): string => shapes.map(sql).join(' union all ')

/** Rows that are neither sealed nor waiting to be. An event waits for its number first. */
function unknownRows(shape: TableShape): string {
  const { kind } = shape
  return `select '${kind}' as kind, ${rowId(shape)} as id from ${kind} t
    where ${kind === 'event' ? 't.id is not null and' : ''}
      not exists (select from audit_leaf l where l.kind = '${kind}' and l.id = ${rowId(shape)})
      and not exists (select from audit_queue q where q.kind = '${kind}' and q.id = ${rowId(shape)})`
}

const strayEntries = `select 'entry' as kind, e.txn_id || '/' || e.seq as id from entry e
  where not exists (select from txn t where t.txn_id = e.txn_id)`

interface Pair {
  readonly kind: string
  readonly id: string
  /** Null where the row is gone. */
  readonly row: string | null
  /** Empty where the row was gone when it was sealed. */
  readonly record: string
}

/** Rows that are not what their newest record says. One that has changed since, and waits for its seal, is not compared. */
function rowsUnlikeTheirRecord(shape: TableShape): string {
  const { kind } = shape
  return `select '${kind}' as kind, n.id, t.content as row, n.content as record
    from (
      select distinct on (id) id, coalesce(content, '') as content from audit_leaf where kind = '${kind}' order by id, seal desc, leaf desc
    ) as n left join (select ${rowId(shape)} as id, ${rowContent(shape)} as content from ${kind} t) as t on t.id = n.id
    where coalesce(t.content, '') <> n.content and not exists (select from audit_queue q where q.kind = '${kind}' and q.id = n.id)`
}

function difference({ row, record }: Pair): string {
  if (row === null) return 'it was removed'
  if (record === '') return 'it was removed, and is there again'
  const [now, before] = [fieldsOf(row), fieldsOf(record)]
  const names = [...new Set([...now.keys(), ...before.keys()])].filter((name) => now.get(name) !== before.get(name))
  const told = names.map((name) => `${name} is ${short(now.get(name))}, was ${short(before.get(name))}`)
  return `it is not as it was recorded last${told.length === 0 ? '' : `: ${told.join(', ')}`}`
}

/** For people: numbers may lose their last digits. */
function fieldsOf(content: string): Map<string, string> {
  try {
    return new Map(Object.entries(JSON.parse(content) as object).map(([name, value]) => [name, JSON.stringify(value)]))
  } catch {
    // A leaf's content that was tampered with is reported by itself.
    return new Map()
  }
}

const longest = 80
const short = (text: string | undefined): string => text?.slice(0, longest) ?? 'null'
