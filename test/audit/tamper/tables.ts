import { rowId } from '@trader/server/audit/record-content'
import { sealedTables } from '@trader/server/audit/sealed-tables'
import type { Database } from '@trader/server/database/pool'

/** A table with what a tamper needs to know of it. */
export interface TamperTable {
  readonly name: string
  readonly key: readonly string[]
  /** Columns that are covered, with the name of their Postgres type. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isNullable: boolean }[]
  /** Expression for the id under which a check reports the row `t`, and the kind it is reported as. */
  readonly id: string
  readonly kind: string
}

/** Every table that is sealed, entries, and the seals' own, without the columns that no record covers and nothing follows from. */
export async function tamperTables(db: Database): Promise<TamperTable[]> {
  const notCovered = new Set(['run.cursor', 'wallet.updated_at'])
  const others = [
    { name: 'entry', key: ['txn_id', 'seq'], kind: 'txn', id: 't.txn_id::text' },
    { name: 'audit_seal', key: ['seal'], kind: 'seal', id: 't.seal::text' },
    { name: 'audit_leaf', key: ['seal', 'leaf'], kind: 'seal', id: 't.seal::text' },
  ]
  const sealed = sealedTables.map((table) => ({ name: table.kind, key: table.key, kind: table.kind, id: rowId(table) }))
  const { rows } = await db.query<{ name: string; columns: TamperTable['columns'] }>(
    `select c.relname::text as name, jsonb_agg(jsonb_build_object('name', attname, 'isNullable', not attnotnull, 'type',
        (case when t.typtype = 'd' then t.typbasetype else t.oid end)::regtype::text) order by attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and attnum > 0 and not attisdropped join pg_type t on t.oid = a.atttypid
     where c.relnamespace = 'public'::regnamespace group by 1`,
  )
  const columnsOf = (name: string): TamperTable['columns'] => rows.find((row) => row.name === name)?.columns ?? []
  return [...sealed, ...others].map(({ name, key, kind, id }) => {
    return { name, key, kind, id, columns: columnsOf(name).filter((column) => !notCovered.has(`${name}.${column.name}`)) }
  })
}

/** A superuser can drop these too, and would: without them every value can be written. */
export async function dropChecks(db: Database): Promise<void> {
  const { rows } = await db.query<{ sql: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as sql from pg_constraint
       where contype in ('c', 'u') and conrelid <> 0 and connamespace = 'public'::regnamespace
         and not exists (select from pg_constraint f where f.contype = 'f' and f.confrelid = pg_constraint.conrelid and f.conindid = pg_constraint.conindid)
     union all
     select format('alter domain %s drop constraint %I', contypid::regtype, conname) from pg_constraint where contypid <> 0 and connamespace = 'public'::regnamespace`,
  )
  for (const { sql } of rows) await db.query(sql)
}
