import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { promisify } from 'node:util'
import pg from 'pg'
import { addFill } from '@trader/core/order/add-fill'
import type { Position } from '@trader/core/contract/position'
import { withTransaction, type Pool } from '@trader/server/database/pool'
import { ledgerCheck } from '@trader/server/database/queries/ledger-check'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { createDatabase, startPostgres } from '../test/support/postgres.ts'
import { batch, newOrder, newRun, noPosition, posting, sendOrder, toReserve } from '../test/database/book.ts'
import { report, rounded, say } from './support/report.ts'

// Fills booked per second by 8 clients (`record_fill`: journal, hold, position, order, events, idempotency), beside TPC-B on the
// same server: pgbench's where the machine has it, else the same statements from here. Every commit is synced to disk in both.

const clients = 8
const seconds = 10
const scale = 10
const synced = { fsync: 'on' } as const
const products = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'ADA-USD', 'AVAX-USD', 'DOT-USD', 'UNI-USD', 'AAVE-USD']

/** Books small fills of one large order per client until the time is over. Clients of one run share its USD accounts. */
async function bookFills(pool: Pool, { shareRun }: { shareRun: boolean }): Promise<number> {
  const shared = shareRun ? await newRun(pool, { cash: '100000000', products }) : null
  const prepared = await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const runId = shared ?? (await newRun(pool, { cash: '100000000', products }))
      const product = products[client] ?? 'BTC-USD'
      const order = newOrder(runId, { origin: `bench-${client}`, product, quantity: '10000' })
      const reserved = await reserveOrders(pool, batch(runId, `bench-${client}`, [toReserve(order, '2000000')]))
      if (!reserved.ok) throw new Error(reserved.detail)
      await sendOrder(pool, order)
      return { order, before: { ...noPosition, product } satisfies Position }
    }),
  )
  const ends = performance.now() + seconds * 1000
  const began = performance.now()
  const counts = await Promise.all(
    prepared.map(async ({ order: sent, before }) => {
      let [order, position, count] = [sent, before, 0]
      while (performance.now() < ends) {
        const next = posting({ order, quantity: '0.01', price: '100', fee: '0.006', tradeId: String(count + 1) }, position)
        const result = await withTransaction(pool, (db) => recordFill(db, next))
        if (result.status !== 'posted') throw new Error(`fill ${next.fill.fill_id} was not posted: ${result.status}`)
        order = addFill({ order, fill: next.fill })
        position = next.position
        count += 1
      }
      return count
    }),
  )
  return total(counts) / ((performance.now() - began) / 1000)
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

const pgbench = globSync('/usr/lib/postgresql/*/bin/pgbench').find((path) => existsSync(path))

/** Transactions per second of pgbench's own TPC-B, or of the same statements from this process. */
async function tpcB(url: string): Promise<{ by: string; tps: number }> {
  return pgbench === undefined ? { by: 'our own loop', tps: await ownTpcB(url) } : { by: 'pgbench', tps: await pgbenchTpcB(pgbench, url) }
}

async function pgbenchTpcB(program: string, url: string): Promise<number> {
  const run = promisify(execFile)
  await run(program, ['-i', '-q', '-s', String(scale), url])
  const { stdout } = await run(program, ['-n', '-M', 'prepared', '-c', String(clients), '-j', '2', '-T', String(seconds), url])
  const found = /^tps = ([\d.]+)/m.exec(stdout)?.[1]
  if (found === undefined) throw new Error(`pgbench said no tps:\n${stdout}`)
  return Number(found)
}

async function ownTpcB(url: string): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: clients })
  try {
    await pool.query(`create table tellers as select n as id, 0 as balance from generate_series(1, ${10 * scale}) n;
      create table branches as select n as id, 0 as balance from generate_series(1, ${scale}) n;
      create table accounts as select n as id, 0 as balance from generate_series(1, ${100_000 * scale}) n;
      create table history (teller int, branch int, account int, delta int, at timestamptz);
      alter table tellers add primary key (id); alter table branches add primary key (id); alter table accounts add primary key (id)`)
    const ends = performance.now() + seconds * 1000
    const counts = await Promise.all(Array.from({ length: clients }, () => transferUntil(pool, ends)))
    return total(counts) / seconds
  } finally {
    await pool.end()
  }
}

async function transferUntil(pool: pg.Pool, ends: number): Promise<number> {
  const client = await pool.connect()
  const any = (most: number): number => 1 + Math.floor(Math.random() * most)
  let count = 0
  while (performance.now() < ends) {
    const [account, teller, branch, delta] = [any(100_000 * scale), any(10 * scale), any(scale), any(10_000) - 5000]
    await client.query('begin')
    await client.query({ name: 'a', text: 'update accounts set balance = balance + $1 where id = $2', values: [delta, account] })
    await client.query({ name: 's', text: 'select balance from accounts where id = $1', values: [account] })
    await client.query({ name: 't', text: 'update tellers set balance = balance + $1 where id = $2', values: [delta, teller] })
    await client.query({ name: 'b', text: 'update branches set balance = balance + $1 where id = $2', values: [delta, branch] })
    await client.query({ name: 'h', text: 'insert into history values ($1, $2, $3, $4, now())', values: [teller, branch, account, delta] })
    await client.query('commit')
    count += 1
  }
  client.release()
  return count
}

const postgres = await startPostgres(synced)
try {
  const [books, other] = [await createDatabase(postgres.adminUrl), await createDatabase(postgres.adminUrl)]
  await other.pool.end()
  say('booking fills, a run per client')
  const apart = await bookFills(books.pool, { shareRun: false })
  say('booking fills, all in one run')
  const together = await bookFills(books.pool, { shareRun: true })
  const checked = await withTransaction(books.pool, ledgerCheck, { isolation: 'repeatable read' })
  if (!checked.ok) throw new Error(`the ledger does not add up: ${checked.problems.join('; ')}`)
  await books.pool.end()
  say('TPC-B')
  const { by, tps } = await tpcB(other.url)
  report('postings-per-second', {
    clients,
    fills_per_second: rounded(apart),
    fills_per_second_one_run: rounded(together),
    tpc_b: { by, transactions_per_second: rounded(tps), scale },
    ratio: rounded(apart / tps),
    ratio_one_run: rounded(together / tps),
    ledger_in_balance: checked.ok,
  })
} finally {
  await postgres.stop()
}
