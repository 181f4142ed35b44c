import type { Database } from '@trader/server/database/pool'
import { NoTamper, pickOf, type Dice, type Tamper } from './draw.ts'
import type { TamperTable } from './tables.ts'
import { anotherValue, keyAfter } from './values.ts'

// Rows of any table: altered, removed, added, swapped, cut off. Leaves and seals are rows too.

export interface Drawn {
  readonly table: TamperTable
  readonly dice: Dice
}

interface Row {
  readonly ctid: string
  readonly place: string
}

export async function alterValue(db: Database, { table, dice }: Drawn): Promise<Tamper> {
  const row = pickOf(dice, await rowsOf(db, table))
  const column = pickOf(dice, table.columns)
  const toNull = column.isNullable && dice() < 0.15
  const value = toNull ? 'null' : anotherValue(column, dice)
  const { rows } = await db.query<{ ctid: string }>(
    `update ${table.name} t set ${column.name} = ${value} where ctid = $1::tid and (${value}) is distinct from t.${column.name} returning ctid::text`,
    [row.ctid],
  )
  if (rows[0] === undefined) throw new NoTamper(`${table.name}.${column.name} keeps its value`)
  return {
    label: `alter ${table.name}`,
    what: `altered ${table.name}.${column.name} of ${row.place}`,
    places: [row.place, await placeAt(db, table, rows[0].ctid), ...(await leafPlaces(db, { table, ctid: rows[0].ctid }))],
    mustAll: false,
  }
}

export async function removeRow(db: Database, { table, dice }: Drawn): Promise<Tamper> {
  const row = pickOf(dice, await rowsOf(db, table))
  const places = [row.place, ...(await leafPlaces(db, { table, ctid: row.ctid }))]
  await db.query(`delete from ${table.name} where ctid = $1::tid`, [row.ctid])
  return { label: `remove ${table.name}`, what: `removed ${row.place} from ${table.name}`, places, mustAll: false }
}

/** A copy of a row under another key. */
export async function addRow(db: Database, { table, dice }: Drawn): Promise<Tamper> {
  const row = pickOf(dice, await rowsOf(db, table))
  const part = table.columns.find(({ name }) => name === table.key.at(-1))
  if (part === undefined) throw new Error(`${table.name} has no column ${table.key.at(-1)}`)
  const { columns } = table
  const overriding = `overriding system value`
  const { rows } = await db.query<{ ctid: string }>(
    `insert into ${table.name} (${columns.map(({ name }) => name).join(', ')}) ${overriding}
     select ${columns.map((column) => (column === part ? keyAfter(table.name, part) : column.name === 'id' && table.name === 'event' ? `(select max(id) + 1 from event)` : `t.${column.name}`)).join(', ')}
     from ${table.name} t where ctid = $1::tid returning ctid::text`,
    [row.ctid],
  )
  const ctid = rows[0]?.ctid ?? ''
  return {
    label: `add ${table.name}`,
    what: `added a copy of ${row.place} to ${table.name}`,
    places: [await placeAt(db, table, ctid), ...(await leafPlaces(db, { table, ctid }))],
    mustAll: false,
  }
}

/** Two rows trade their values of one column; where that is part of the key, the rows trade everything else. */
export async function swapValues(db: Database, { table, dice }: Drawn): Promise<Tamper> {
  const rows = await rowsOf(db, table)
  const [one, other] = [pickOf(dice, rows), pickOf(dice, rows)]
  const others = table.columns.filter(({ name }) => !table.key.includes(name))
  const column = pickOf(dice, others)
  const swapped = await db.query<{ ctid: string }>(
    `update ${table.name} t set ${column.name} = o.${column.name} from ${table.name} o
     where ((t.ctid = $1::tid and o.ctid = $2::tid) or (t.ctid = $2::tid and o.ctid = $1::tid)) and t.${column.name} is distinct from o.${column.name}
     returning t.ctid::text`,
    [one.ctid, other.ctid],
  )
  if (swapped.rowCount !== 2) throw new NoTamper(`${table.name}.${column.name} is the same in both`)
  const leaves: string[] = []
  for (const { ctid } of swapped.rows) leaves.push(...(await leafPlaces(db, { table, ctid })))
  return {
    label: `swap ${table.name}`,
    what: `swapped ${table.name}.${column.name} of ${one.place} and ${other.place}`,
    places: [one.place, other.place, ...leaves],
    // Of leaves, either the seal or the record that the leaf was about is named.
    mustAll: table.name !== 'audit_leaf',
  }
}

/** The newest rows are gone. */
export async function truncateTail(db: Database, { table, dice }: Drawn): Promise<Tamper> {
  const rows = await rowsOf(db, table)
  const tail = rows.slice(-(1 + Math.floor(dice() * Math.min(5, rows.length))))
  if (tail.length === 0) throw new NoTamper(`${table.name} is empty`)
  const seals = table.name === 'audit_leaf' ? tail.map(({ place }) => place) : []
  await db.query(`delete from ${table.name} where ctid = any($1::tid[])`, [tail.map(({ ctid }) => ctid)])
  return {
    label: `cut ${table.name}`,
    what: `cut ${tail.length} rows off ${table.name}`,
    places: seals.length > 0 ? [...new Set(seals)] : tail.map(({ place }) => place),
    mustAll: true,
  }
}

/** Rows in the order of their key, each with the place that a check must name. */
async function rowsOf(db: Database, { name, key, id, kind }: TamperTable): Promise<Row[]> {
  const { rows } = await db.query<{ ctid: string; id: string }>(
    `select ctid::text, ${id} as id from ${name} t order by ${key.map((part) => `t.${part}`).join(', ')}`,
  )
  return rows.map((row) => ({ ctid: row.ctid, place: `${kind} ${row.id}` }))
}

async function placeAt(db: Database, { name, id, kind }: TamperTable, ctid: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>(`select ${id} as id from ${name} t where ctid = $1::tid`, [ctid])
  return `${kind} ${rows[0]?.id}`
}

/** The record that a leaf names: a check may point there as well as at its seal. */
async function leafPlaces(db: Database, { table, ctid }: { table: TamperTable; ctid: string }): Promise<string[]> {
  if (table.name !== 'audit_leaf') return []
  const { rows } = await db.query<{ place: string }>(`select kind || ' ' || id as place from audit_leaf where ctid = $1::tid`, [ctid])
  return rows.map(({ place }) => place)
}
