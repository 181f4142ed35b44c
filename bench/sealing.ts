import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openSealSigner } from '@trader/server/audit/seal-key'
import { readSealPublicKey } from '@trader/server/audit/seal-key'
import { Sealer } from '@trader/server/audit/sealer'
import { verifyAudit } from '@trader/server/audit/verify-audit'
import { withTransaction, type Pool } from '@trader/server/database/pool'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { dataDirPaths } from '@trader/server/stack/data-dir'
import { batch, newOrder, newRun, sendOrder, toReserve } from '../test/database/book.ts'
import { createDatabase, startPostgres } from '../test/support/postgres.ts'
import { report, rounded, say } from './support/report.ts'
import { sqlFill } from './support/sql-fill.ts'

// What sealing costs: fills booked per second by 8 clients (`bench_fill`, a run per client, every commit synced), without the audit's
// triggers, with them, and with the sealer at work beside them, in rounds that take turns. Then how long a check of it all takes.

const clients = 8
const [rounds, seconds] = [5, 4]
const products = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'ADA-USD', 'AVAX-USD', 'DOT-USD', 'UNI-USD', 'AAVE-USD']
const pgbench = globSync('/usr/lib/postgresql/*/bin/pgbench').find((path) => existsSync(path))

interface Lane {
  readonly pool: Pool
  readonly url: string
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const script = join(folder, 'fill.sql')
writeFileSync(script, 'select bench_fill(id) from bench_order where client = :client_id;\n')

async function prepare(adminUrl: string): Promise<Lane> {
  const lane = await createDatabase(adminUrl)
  await lane.pool.query(`${sqlFill}; create table bench_order (client int, id uuid)`)
  for (const [client, product] of products.entries()) {
    const order = newOrder(await newRun(lane.pool, { cash: '100000000', products }), {
      origin: `bench-${product}`,
      product,
      quantity: '10000',
    })
    const reserved = await reserveOrders(lane.pool, batch(order.run_id, order.origin, [toReserve(order, '2000000')]))
    if (!reserved.ok) throw new Error(reserved.detail)
    await sendOrder(lane.pool, order)
    await lane.pool.query('insert into bench_order values ($1, $2)', [client, order.order_id])
  }
  return lane
}

/** Fills per second, by pgbench, or by as many loops of this process. */
async function fillsPerSecond({ pool, url }: Lane): Promise<number> {
  if (pgbench === undefined) return fillsFromHere(pool)
  const common = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '2', '-T', String(seconds)]
  const { stdout } = await promisify(execFile)(pgbench, [...common, '-f', script, url])
  return Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1])
}

async function fillsFromHere(pool: Pool): Promise<number> {
  const ends = performance.now() + seconds * 1000
  let count = 0
  await Promise.all(
    products.map(async (_, client) => {
      for (; performance.now() < ends; count += 1) {
        await pool.query({ name: 'fill', text: 'select bench_fill(id) from bench_order where client = $1', values: [client] })
      }
    }),
  )
  return count / seconds
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN

const postgres = await startPostgres({ fsync: 'on' })
try {
  const [bare, queued, sealed] = [await prepare(postgres.adminUrl), await prepare(postgres.adminUrl), await prepare(postgres.adminUrl)]
  const { rows: triggers } = await bare.pool.query<{ sql: string }>(
    `select format('drop trigger sealed on %s', tgrelid::regclass) as sql from pg_trigger where tgname = 'sealed'`,
  )
  for (const { sql } of triggers) await bare.pool.query(sql)

  const files = dataDirPaths(folder)
  const signer = openSealSigner(files)
  const newSealer = (): Sealer => new Sealer({ pool: sealed.pool, signer, files, book: 'paper', log: say, clock: Date.now })
  const lanes = {
    without: () => fillsPerSecond(bare),
    with_triggers: () => fillsPerSecond(queued),
    with_sealer: async () => {
      const sealer = newSealer()
      sealer.start()
      const rate = await fillsPerSecond(sealed)
      await sealer.stop()
      return rate
    },
  }
  const seen = new Map<string, number[]>(Object.keys(lanes).map((name) => [name, []]))
  for (let round = 1; round <= rounds; round += 1) {
    say(`round ${round} of ${rounds}`)
    for (const [name, lane] of Object.entries(lanes)) seen.get(name)?.push(await lane())
  }
  const floor = seen.get('without') ?? []
  const figures = [...seen].map(([name, rates]) => {
    const ratios = rates.map((rate, round) => rate / (floor[round] ?? Number.NaN))
    return [name, { per_second: rounded(median(rates)), to_without: rounded(median(ratios)), ratios: ratios.map(rounded) }]
  })
  const { rows: lags } = await sealed.pool.query<{ lags: number[] }>(
    'select array_agg(lag_ms::int order by seal) as lags from audit_seal where seal > 1',
  )
  const began = performance.now()
  const verdict = await withTransaction(
    sealed.pool,
    (db) => verifyAudit(db, { publicKey: readSealPublicKey(files), sealLog: files.sealLog }),
    { isolation: 'repeatable read' },
  )
  const verifySeconds = (performance.now() - began) / 1000
  if (!verdict.ok) throw new Error(`the audit does not hold: ${JSON.stringify(verdict.bad.slice(0, 5))}`)
  report('sealing', {
    clients,
    rounds,
    by: pgbench === undefined ? 'our own loop' : 'pgbench',
    fills: Object.fromEntries(figures),
    lag_ms: { median: median(lags[0]?.lags ?? []), longest: verdict.longest_lag_ms },
    verify: {
      records: verdict.records,
      seals: verdict.seals,
      seconds: rounded(verifySeconds),
      records_per_second: rounded(verdict.records / verifySeconds),
    },
  })
  for (const { pool } of [bare, queued, sealed]) await pool.end()
} finally {
  await postgres.stop()
  rmSync(folder, { recursive: true })
}
