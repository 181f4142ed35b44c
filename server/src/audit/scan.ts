import type { Database } from '../database/pool.ts'

let cursors = 0

/** The rows of a query of any size, a few at a time. Must run inside a transaction. */
export async function* scan<Row extends object>(
  db: Database,
  sql: string,
  { parameters = [], rowsAtOnce = 1000 }: { parameters?: readonly unknown[]; rowsAtOnce?: number } = {},
): AsyncGenerator<readonly Row[]> {
  const name = `scan_${++cursors}`
  await db.query(`declare ${name} no scroll cursor for ${sql}`, [...parameters])
  for (;;) {
    const { rows } = await db.query<Row>(`fetch ${rowsAtOnce} from ${name}`)
    if (rows.length > 0) yield rows
    if (rows.length < rowsAtOnce) break
  }
  await db.query(`close ${name}`)
}
