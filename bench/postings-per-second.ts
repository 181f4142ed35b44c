import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { addFill } from '@trader/core/order/add-fill'
import type { Order } from '@trader/core/contract/order'
import type { Position } from '@trader/core/contract/position'
import { withStatement, withTransaction, type Pool } from '@trader/server/database/pool'
import { ledgerCheck } from '@trader/server/database/queries/ledger-check'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { createDatabase, startPostgres } from '../test/support/postgres.ts'
import { batch, newOrder, newRun, noPosition, posting, sendOrder, toReserve } from '../test/database/book.ts'
import { report, rounded, say } from './support/report.ts'
import { sqlFill } from './support/sql-fill.ts'

// What 8 clients post per second, beside TPC-B on the same server, in rounds that take turns, so that what else the machine does falls
// on all alike. `posting`: one journal transaction of two entries under its key, each balance and version moved with it. `fill`: all
// that a fill is (`record_fill`: journal, hold, position, order, wallets, events, audit queue). Every commit is synced to disk.

const clients = 8
const [rounds, seconds] = [5, 4]
const scale = 10
/** Runs that postings are spread over, each with accounts of its own. */
const spread = 100
const synced = { fsync: 'on' } as const
const products = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'ADA-USD', 'AVAX-USD', 'DOT-USD', 'UNI-USD', 'AAVE-USD']

const pgbench = globSync('/usr/lib/postgresql/*/bin/pgbench').find((path) => existsSync(path))

type Work = () => Promise<void>

/** How often 8 clients do their work per second. */
async function perSecond(works: readonly Work[]): Promise<number> {
  const ends = performance.now() + seconds * 1000
  const began = performance.now()
  let count = 0
  await Promise.all(
    works.map(async (work) => {
      while (performance.now() < ends) {
        await work()
        count += 1
      }
    }),
  )
  return count / ((performance.now() - began) / 1000)
}

interface Prepared {
  readonly order: Order
  readonly product: string
}

/** One large order per client. Clients of one run share its USD accounts. */
async function prepareOrders(pool: Pool, { shareRun }: { shareRun: boolean }): Promise<Prepared[]> {
  const shared = shareRun ? await newRun(pool, { cash: '100000000', products }) : null
  const prepared: Prepared[] = []
  for (const product of products.slice(0, clients)) {
    const runId = shared ?? (await newRun(pool, { cash: '100000000', products }))
    const order = newOrder(runId, { origin: `bench-${product}`, product, quantity: '10000' })
    const reserved = await reserveOrders(pool, batch(runId, `bench-${product}`, [toReserve(order, '2000000')]))
    if (!reserved.ok) throw new Error(reserved.detail)
    await sendOrder(pool, order)
    prepared.push({ order, product })
  }
  return prepared
}

/** Small fills, each computed in Decimal as the ledger's workflow does, by 8 clients of this one process. */
function fillsFromNode(pool: Pool, prepared: readonly Prepared[]): () => Promise<number> {
  const works = prepared.map(({ order: sent, product }): Work => {
    let [order, position, count] = [sent, { ...noPosition, product } satisfies Position, 0]
    return async () => {
      count += 1
      const next = posting({ order, quantity: '0.01', price: '100', fee: '0.006', tradeId: String(count) }, position)
      const result = await withStatement(pool, (db) => recordFill(db, next))
      if (result.status !== 'posted') throw new Error(`fill ${next.fill.fill_id} was not posted: ${result.status}`)
      order = addFill({ order, fill: next.fill })
      position = next.position
    }
  })
  return () => perSecond(works)
}

async function fills(books: Books, { shareRun, name }: { shareRun: boolean; name: string }): Promise<() => Promise<number>> {
  const { pool, url, folder } = books
  const prepared = await prepareOrders(pool, { shareRun })
  if (pgbench === undefined) return fillsFromNode(pool, prepared)
  await pool.query(`create table bench_${name} as select n - 1 as client, id from unnest($1::uuid[]) with ordinality as o (id, n)`, [
    prepared.map(({ order }) => order.order_id),
  ])
  const script = join(folder, `${name}.sql`)
  writeFileSync(script, `select bench_fill(id) from bench_${name} where client = :client_id;\n`)
  return () => pgbenchTps(pgbench, ['-f', script, url])
}

interface Books {
  readonly pool: Pool
  readonly url: string
  /** For scripts. */
  readonly folder: string
}

const postSql = (run: string, key: string): string =>
  `select post_legs(run, 'bench:' || ${key}, 'adjustment', 0, null, array[find_account(run, 'USD', 'available'), find_account(run, 'USD', 'external')],
   array[-0.01, 0.01]) from run where run_id = ${run}`

/** The same statement from pgbench and from here; hot: all on the two accounts of one run. */
function postings({ url, folder }: Books, runIds: readonly string[]): () => Promise<number> {
  const prefix = (runIds[0] ?? '').replace(/\d+$/, '')
  const numbers = runIds.map((runId) => Number(runId.slice(prefix.length)))
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)]
  if (pgbench === undefined) {
    const pool = new pg.Pool({ connectionString: url, max: clients })
    const text = postSql(`$1`, '$2::text')
    let key = 0
    const post = async (): Promise<void> => {
      key += 1
      await pool.query({ name: 'post', text, values: [runIds[key % runIds.length], `${first}-${last}-${key}`] })
    }
    return () => perSecond(Array.from({ length: clients }, () => post))
  }
  const script = join(folder, `post-${first}-${last}.sql`)
  const key = `'${first}-' || :key`
  writeFileSync(
    script,
    `\\set run random(${first}, ${last})\n\\set key random(1, 9000000000000)\n${postSql(`'${prefix}' || :run`, key)};\n`,
  )
  return () => pgbenchTps(pgbench, ['-f', script, url])
}

async function pgbenchTps(program: string, args: readonly string[]): Promise<number> {
  const common = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '2', '-T', String(seconds)]
  const { stdout } = await promisify(execFile)(program, [...common, ...args])
  const found = /^tps = ([\d.]+)/m.exec(stdout)?.[1]
  if (found === undefined) throw new Error(`pgbench said no tps:\n${stdout}`)
  return Number(found)
}

/** pgbench's own TPC-B, or the same statements from this process. */
async function tpcB(url: string): Promise<() => Promise<number>> {
  if (pgbench !== undefined) {
    await promisify(execFile)(pgbench, ['-i', '-q', '-s', String(scale), url])
    return () => pgbenchTps(pgbench, [url])
  }
  const pool = new pg.Pool({ connectionString: url, max: clients })
  await pool.query(`create table tellers as select n as id, 0 as balance from generate_series(1, ${10 * scale}) n;
    create table branches as select n as id, 0 as balance from generate_series(1, ${scale}) n;
    create table accounts as select n as id, 0 as balance from generate_series(1, ${100_000 * scale}) n;
    create table history (teller int, branch int, account int, delta int, at timestamptz);
    alter table tellers add primary key (id); alter table branches add primary key (id); alter table accounts add primary key (id)`)
  const sessions = await Promise.all(Array.from({ length: clients }, () => pool.connect()))
  return () => perSecond(sessions.map((session) => () => transfer(session)))
}

async function transfer(session: pg.PoolClient): Promise<void> {
  const any = (most: number): number => 1 + Math.floor(Math.random() * most)
  const [account, teller, branch, delta] = [any(100_000 * scale), any(10 * scale), any(scale), any(10_000) - 5000]
  await session.query('begin')
  await session.query({ name: 'a', text: 'update accounts set balance = balance + $1 where id = $2', values: [delta, account] })
  await session.query({ name: 's', text: 'select balance from accounts where id = $1', values: [account] })
  await session.query({ name: 't', text: 'update tellers set balance = balance + $1 where id = $2', values: [delta, teller] })
  await session.query({ name: 'b', text: 'update branches set balance = balance + $1 where id = $2', values: [delta, branch] })
  await session.query({ name: 'h', text: 'insert into history values ($1, $2, $3, $4, now())', values: [teller, branch, account, delta] })
  await session.query('commit')
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const postgres = await startPostgres(synced)
try {
  const [created, other] = [await createDatabase(postgres.adminUrl), await createDatabase(postgres.adminUrl)]
  await other.pool.end()
  const { pool } = created
  const books = { ...created, folder }
  const runIds: string[] = []
  for (let run = 0; run < spread; run += 1) runIds.push(await newRun(pool, { cash: '100000000', products: ['BTC-USD'] }))
  await pool.query(sqlFill)
  const lanes = {
    tpc_b: await tpcB(other.url),
    posting: postings(books, runIds),
    posting_hot: postings(books, runIds.slice(0, 1)),
    fill: await fills(books, { shareRun: false, name: 'apart' }),
    fill_one_run: await fills(books, { shareRun: true, name: 'together' }),
    fill_from_node: fillsFromNode(pool, await prepareOrders(pool, { shareRun: false })),
  }
  const seen = new Map<string, number[]>(Object.keys(lanes).map((name) => [name, []]))
  for (let round = 1; round <= rounds; round += 1) {
    say(`round ${round} of ${rounds}`)
    for (const [name, lane] of Object.entries(lanes)) seen.get(name)?.push(await lane())
  }
  const checked = await withTransaction(pool, ledgerCheck, { isolation: 'repeatable read' })
  if (!checked.ok) throw new Error(`the ledger does not add up: ${checked.problems.join('; ')}`)
  await pool.end()
  const floor = seen.get('tpc_b') ?? []
  const figures = [...seen].map(([name, rates]) => {
    const ratios = rates.map((rate, round) => rate / (floor[round] ?? Number.NaN))
    return [name, { per_second: rounded(median(rates)), to_tpc_b: rounded(median(ratios)), ratios: ratios.map(rounded) }]
  })
  report('postings-per-second', {
    clients,
    rounds,
    by: pgbench === undefined ? 'our own loop' : 'pgbench',
    ...Object.fromEntries(figures),
    ledger_in_balance: checked.ok,
  })
} finally {
  await postgres.stop()
  rmSync(folder, { recursive: true })
}
