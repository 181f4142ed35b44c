import type { Database } from '../pool.ts'

/**
 * The column `value` of every row. The database builds contract shapes itself (`order_json` and its kin in the migrations),
 * so there is no second mapping here.
 */
export async function values<Value>(db: Database, sql: string, parameters: readonly unknown[] = []): Promise<Value[]> {
  const { rows } = await db.query<{ value: Value }>(sql, [...parameters])
  return rows.map((row) => row.value)
}

/** The `value` of the first row, or null. */
export async function valueOrNull<Value>(db: Database, sql: string, parameters: readonly unknown[] = []): Promise<Value | null> {
  const [first] = await values<Value>(db, sql, parameters)
  return first ?? null
}

/** The `value` of the only row of a statement that always has one. */
export async function value<Value>(db: Database, sql: string, parameters: readonly unknown[] = []): Promise<Value> {
  const [first] = await values<Value>(db, sql, parameters)
  if (first === undefined) throw new Error(`a statement that must answer had no row: ${sql.trim().slice(0, 80)}`)
  return first
}

/** Arguments as one JSON text; a bare array would become a Postgres array. */
export function json(body: unknown): string {
  return JSON.stringify(body)
}
