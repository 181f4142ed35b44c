import pg from 'pg'
import { explain, isTransient } from './database-error.ts'

/** Where a query may run: a pool for one statement, a client inside a transaction. */
export type Database = Pick<pg.ClientBase, 'query'>
export type Pool = pg.Pool
export type Transaction = pg.PoolClient

const attempts = 8
/** Object ids of the types `bigint` and `numeric`, fixed by Postgres. */
const int8 = 20
const numeric = 1700
// pg declares the type's number as a closed enum; any number may come.
const defaultParser = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => (text: string) => unknown

/**
 * A pool whose bigint columns are numbers (all of ours are counts, ids or milliseconds) and whose numerics stay exact text. With
 * `answerWithinMs` a server that hangs is told apart from one that is slow, for callers who cannot wait.
 */
export function createPool({
  connectionString,
  max = 10,
  answerWithinMs,
}: {
  connectionString: string
  max?: number
  answerWithinMs?: number
}): Pool {
  const patience = answerWithinMs === undefined ? {} : { query_timeout: answerWithinMs, connectionTimeoutMillis: answerWithinMs }
  const pool = new pg.Pool({ connectionString, max, application_name: 'trader', types: { getTypeParser }, ...patience })
  // A broken connection fails its query, which says so; the event beside it would end the process if nobody listened.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/**
 * Runs `work` in one transaction, and again as a whole where the world failed (deadlock, serialization, lost connection, a
 * server that restarts). A commit whose answer was lost may therefore run twice: every posting carries its own key.
 */
export async function withTransaction<Result>(
  pool: Pool,
  work: (transaction: Transaction) => Promise<Result>,
  { isolation = 'read committed' }: { isolation?: 'read committed' | 'repeatable read' } = {},
): Promise<Result> {
  return untilTheWorldAllows(() => once(pool, work, isolation))
}

/**
 * The same for work of one statement, which is a transaction of its own: one round trip instead of three. Every use-case that moves
 * money is one SQL function, so each can be called like this.
 */
export async function withStatement<Result>(pool: Pool, work: (database: Database) => Promise<Result>): Promise<Result> {
  return untilTheWorldAllows(() => work(pool))
}

async function untilTheWorldAllows<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (attempt === attempts || !isTransient(error)) throw explain(error)
      await sleep(Math.min(2000, 10 * 2 ** attempt))
    }
  }
}

async function once<Result>(pool: Pool, work: (transaction: Transaction) => Promise<Result>, isolation: string): Promise<Result> {
  const client = await pool.connect()
  let broken = false
  try {
    await client.query(`begin isolation level ${isolation}`)
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => (broken = true))
    throw error
  } finally {
    client.release(broken)
  }
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === int8) return safeInteger
  if (oid === numeric) return trimZeros
  return defaultParser(oid, format)
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`a bigint beyond exact numbers: ${text}`)
  return value
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
