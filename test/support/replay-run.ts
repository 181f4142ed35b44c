import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { candleCsv } from '@trader/core/market/candle-csv'
import { minuteMs } from '@trader/core/market/timeframe'
import { freePortBase } from './free-ports.ts'
import { madeCandles } from './made-candles.ts'
import { addressesOf, type Outcome, trader, TraderProcess } from './stack-process.ts'
import { whenFinished } from './when-finished.ts'

const candles = fileURLToPath(new URL('../../../shared/data/candles', import.meta.url))

/** Where there are no recorded candles, the replays run on made ones. */
export const replayedCandles = existsSync(candles) ? 'real candles' : `made candles, as there are no recorded ones in ${candles}`

/** Products of the replays, and the names of their files. */
const fileNames = {
  'BTC-USD': 'coinbase_BTC-USD_1m_2018-04-04_2018-04-05.csv',
  'ETH-USD': 'coinbase_ETH-USD_1m_2018-04-04_2018-04-05.csv',
} as const
export type ReplayedProduct = keyof typeof fileNames

/**
 * From an hour of history before 05:00 to 10:00 of 4 April 2018: the offline trader buys both products on a rise soon after 05:00
 * and sells them in several parts, as a candle has too little volume for all at once.
 */
const from = Date.UTC(2018, 3, 4, 4, 0)
const to = Date.UTC(2018, 3, 4, 10, 0)

/** A decision each five minutes of market time: the whole of the span in a minute. */
const environment = { NUDGE_SECONDS: '300' }

/** Candle files of a replay by product. */
export type ReplayFiles = Readonly<Record<ReplayedProduct, string>>

/** Of the made markets: they trade as the recorded ones do, in several parts, and the cost gate refuses some of it. */
const madeMarkets = {
  'BTC-USD': { seed: 10, openingPrice: 7000, usualVolume: 2 },
  'ETH-USD': { seed: 11, openingPrice: 400, usualVolume: 40 },
} as const

/** The header and the candles of the span: the recorded ones where they are, else made ones. */
function candlesOf(product: ReplayedProduct): readonly string[] {
  if (!existsSync(candles)) return [candleCsv.header, ...madeCandles({ ...madeMarkets[product], from, minutes: (to - from) / minuteMs })]
  const [header = '', ...rows] = readFileSync(join(candles, fileNames[product]), 'utf8').trim().split('\n')
  return [header, ...rows.filter((row) => Number.parseInt(row, 10) >= from && Number.parseInt(row, 10) < to)]
}

/** The candles of the span, changed by `change` where one is given, as files of their own in `directory`. */
export function replayFiles(directory: string, change: (rows: readonly string[]) => readonly string[] = (rows) => rows): ReplayFiles {
  mkdirSync(directory, { recursive: true })
  const write = (product: ReplayedProduct): string => {
    const [header = '', ...chosen] = candlesOf(product)
    const path = join(directory, `cut_${product}_1m.csv`)
    writeFileSync(path, `${[header, ...change(chosen)].join('\n')}\n`)
    return path
  }
  return { 'BTC-USD': write('BTC-USD'), 'ETH-USD': write('ETH-USD') }
}

/** A stack that replays files, at full speed where none is given, until a market time, and then ends by itself. It is stopped after the test at the latest. */
export async function startReplay(options: {
  dataDir: string
  files: ReplayFiles
  until: string
  speed?: number | 'max'
}): Promise<TraderProcess> {
  const { dataDir, files, until, speed = 'max' } = options
  const replayed = Object.values(files).flatMap((file) => ['--replay-file', file])
  const where = ['--data-dir', dataDir, '--port-base', String(await freePortBase())]
  const stack = new TraderProcess(
    ['start', '--market', 'replay', ...replayed, '--speed', String(speed), '--until', until, '--no-chat', '--json', ...where],
    environment,
  )
  whenFinished(async () => {
    if (stack.child.exitCode === null && stack.child.signalCode === null) await stack.end('SIGTERM')
  })
  return stack
}

/** Market time that the newest run of a running stack has come to; 0 before its first tick, and while its database does not answer. */
export async function cursorOf(dataDir: string): Promise<number> {
  return askNumber(dataDir, 'select coalesce(max(cursor), 0) as value from run')
}

/** How many fills a running stack has booked. */
export async function fillCountOf(dataDir: string): Promise<number> {
  return askNumber(dataDir, 'select count(*) as value from fill')
}

async function askNumber(dataDir: string, sql: string): Promise<number> {
  const client = new pg.Client({ connectionString: addressesOf(dataDir).databaseUrl.reveal() })
  client.on('error', () => {}) // told by the query
  try {
    await client.connect()
    return Number((await client.query(sql)).rows[0].value)
  } catch {
    return 0 // the caller asks again
  } finally {
    await client.end().catch(() => {})
  }
}

/** The summary a start ends with: the last line of its stdout. */
export function summaryOf({ stdout, stderr, exitCode }: Outcome): Readonly<Record<string, unknown>> {
  if (exitCode !== 0) throw new Error(`it ended with ${exitCode}: ${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

type Row = Readonly<Record<string, unknown>>

/** All that a finished run left: decisions, and the parts of `trader ledger export`. */
export interface Books {
  readonly decisions: readonly Row[]
  readonly runs: readonly Row[]
  readonly orders: readonly Row[]
  readonly fills: readonly Row[]
  readonly positions: readonly Row[]
  readonly accounts: readonly Row[]
  readonly entries: readonly Row[]
  readonly equity_samples: readonly Row[]
}

/** Reads the books of a stopped stack and writes the export to `exportFile`; throws where `trader ledger check` is not content. */
export async function readBooks(dataDir: string, exportFile: string): Promise<Books> {
  const ask = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await trader([...args, '--data-dir', dataDir])
    if (exitCode !== 0) throw new Error(`trader ${args.join(' ')} ended with ${exitCode}: ${stdout} ${stderr}`)
    return stdout
  }
  await ask('db-up', '--port-base', String(await freePortBase()))
  try {
    const checked: { ok: boolean; sums: Record<string, string> } = JSON.parse(await ask('ledger', 'check', '--json'))
    if (Object.values(checked.sums).some((sum) => sum !== '0')) throw new Error(`the sums are ${JSON.stringify(checked.sums)}`)
    const exported = await ask('ledger', 'export', '--json')
    writeFileSync(exportFile, exported)
    const decisions: Row[] = JSON.parse(await ask('decision', 'list', '--limit', '1000', '--json'))
    return { decisions, ...JSON.parse(exported) }
  } finally {
    await ask('stop')
  }
}

const namesOfTheRun = new Set(['run_id', 'recorded_at', 'updated_at', 'started_at', 'finished_at'])
/** Ids are computed from the run's: equal runs have others. What they point to is told by place, time and amounts. */
const ids = new Set(['order_id', 'parent_order_id', 'fill_id', 'workflow_id', 'origin', 'correlation_id', 'id'])

/** Reasons name other orders. */
const orderIds = /[0-9a-f]{8}-[0-9a-f-]{27}/g

/** What two identical runs have in common: everything but run ids, the ids made of them, and wall times. In a stable order. */
export function comparable(books: Books): Readonly<Record<string, readonly string[]>> {
  const places = new Map(
    books.orders.map((order) => [
      order['order_id'],
      `${String(order['market_time'])} ${String(order['product'])} ${String(order['type'])}`,
    ]),
  )
  const plain = (rows: readonly Row[]): string[] =>
    rows.map((row) => JSON.stringify(Object.fromEntries(Object.entries(row).flatMap(([name, value]) => column(name, value))))).sort()
  const column = (name: string, value: unknown): [string, unknown][] => {
    if (name === 'orders' && Array.isArray(value)) return [[name, value.map((id) => places.get(id) ?? id)]]
    if (name === 'order_id' || name === 'parent_order_id') return [[name, places.get(value) ?? null]]
    if (namesOfTheRun.has(name) || ids.has(name)) return []
    return [[name, typeof value === 'string' ? value.replaceAll(orderIds, (orderId) => places.get(orderId) ?? orderId) : value]]
  }
  const { decisions, orders, fills, positions, equity_samples } = books
  return {
    decisions: plain(decisions),
    orders: plain(orders),
    fills: plain(fills),
    positions: plain(positions),
    equity: plain(equity_samples),
    accounts: plain(books.accounts),
  }
}

/** Runs the independent check on an export: test/support/check-fills.mjs. */
export function checkFills(options: { exportFile: string; files: ReplayFiles; summary?: Row }): {
  exitCode: number | null
  stdout: string
} {
  const { exportFile, files, summary } = options
  const script = fileURLToPath(new URL('check-fills.mjs', import.meta.url))
  const candleArgs = Object.entries(files).flatMap(([product, file]) => ['--candles', `${product}=${file}`])
  const summaryFile = `${exportFile}.summary`
  if (summary !== undefined) writeFileSync(summaryFile, JSON.stringify(summary))
  const args = [script, '--export', exportFile, ...candleArgs, ...(summary === undefined ? [] : ['--summary', summaryFile])]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { exitCode: status, stdout: stdout + stderr }
}
