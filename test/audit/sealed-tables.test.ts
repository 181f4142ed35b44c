import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { sealedTables, unsealedTables } from '@trader/server/audit/sealed-tables'
import type { Pool } from '@trader/server/database/pool'
import { createDatabase } from '../support/postgres.ts'

let pool: Pool
beforeAll(async () => {
  ;({ pool } = await createDatabase(inject('postgresUrl')))
})
afterAll(() => pool.end())

/** The columns whose changes call a table's trigger; all of them where it names none. */
const triggers = `
  select c.relname as kind,
    array(select attname::text from pg_attribute a where a.attrelid = c.oid and attnum > 0 and not attisdropped
      and (cardinality(tgattr::int2[]) = 0 or attnum = any(tgattr)) order by 1) as columns,
    array(select attname::text from pg_attribute a where a.attrelid = c.oid and attnum > 0 and not attisdropped order by 1) as all_columns,
    array(select attname::text from pg_attribute a join pg_index i on i.indrelid = c.oid and i.indisprimary and attnum = any(i.indkey)
      where a.attrelid = c.oid order by array_position(i.indkey::int2[], attnum)) as key,
    array_remove(array[case when tgtype & 4 > 0 then 'insert' end, case when tgtype & 8 > 0 then 'delete' end,
      case when tgtype & 16 > 0 then 'update' end], null) as operations
  from pg_class c join pg_trigger t on t.tgrelid = c.oid and tgname = 'sealed' and tgenabled = 'O' where relnamespace = 'public'::regnamespace`

interface Trigger {
  readonly kind: string
  readonly columns: readonly string[]
  readonly all_columns: readonly string[]
  readonly key: readonly string[]
  readonly operations: readonly string[]
}

describe('every table', () => {
  it('is sealed, or is on the list of those that are not, with the reason', async () => {
    const { rows } = await pool.query<{ name: string }>(
      `select relname::text as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`,
    )
    const decided = [...sealedTables.map(({ kind }) => kind), ...Object.keys(unsealedTables)]
    // A new table: call seal_rows_written_once or seal_rows_that_change in its migration and add a line to server/src/audit/sealed-tables.ts.
    expect(rows.map(({ name }) => name).sort()).toEqual(decided.sort())
  })

  it('that is sealed has a trigger that hears of every change of what its records cover', async () => {
    const { rows } = await pool.query<Trigger>(triggers)
    expect(rows.map(({ kind }) => kind).sort()).toEqual(sealedTables.map(({ kind }) => kind).sort())
    for (const { kind, key, content, leftOut } of sealedTables) {
      const trigger = rows.find((row) => row.kind === kind)
      expect(trigger?.key, `key of ${kind}`).toEqual(key)
      if (content === 'leaf') {
        expect(trigger?.operations, kind).toEqual(['insert', 'delete', 'update'])
        expect(trigger?.columns, kind).toEqual(trigger?.all_columns.filter((column) => !(column in leftOut)))
      } else expect(trigger?.operations, kind).toEqual([kind === 'event' ? 'update' : 'insert'])
    }
  })

  it('that is sealed from its rows refuses to change them', async () => {
    const { rows } = await pool.query<{ kind: string }>(
      `select tgrelid::regclass::text as kind from pg_trigger where tgname = 'append_only_row' and tgenabled = 'O'`,
    )
    const refusing = rows.map(({ kind }) => kind)
    for (const { kind } of sealedTables.filter(({ content }) => content === 'row')) expect(refusing, kind).toContain(kind)
  })
})
