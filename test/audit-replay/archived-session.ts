import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import proto, { type temporal } from '@temporalio/proto'
import type { Decision } from '@trader/core/contract/decision'
import { archiveAll } from '@trader/server/audit/archive/archive-histories'
import type { Pool } from '@trader/server/database/pool'
import { keepBundle } from '@trader/server/database/queries/workflow-bundles'
import { ensureWorkflowBundle } from '@trader/server/stack/bundle'
import { driftingCloses } from '../support/decision-snapshot.ts'
import { buy, replyOf, scriptedModel, Trading } from '../support/trading.ts'

const { History: historyMessage } = proto.temporal.api.history.v1

/** A session that is over and archived: a purchase whose stop sold it, a hold, and a decision whose model failed. */
export interface ArchivedSession {
  readonly trading: Trading
  readonly bought: Decision
  readonly held: Decision
  readonly failed: Decision
}

/** `whileHeld` happens while the position is open and its stop waits. */
export async function archivedSession(
  temporal: TestWorkflowEnvironment,
  pool: Pool,
  whileHeld: (trading: Trading) => Promise<void> = async () => {},
): Promise<ArchivedSession> {
  const model = scriptedModel()
  const trading = await Trading.start({ temporal, pool, models: model, model: 'scripted' })
  await keepBundle(pool, await bundleCode())
  await trading.history({ 'BTC-USD': driftingCloses({ wobble: 0.001, drift: 0 }) })
  model.script(replyOf(buy({ stop_price: '9900', take_profit: '11000' })))
  const bought = await trading.decide()
  await trading.tick({ 'BTC-USD': 10_010 })
  const held = await trading.decide()
  await whileHeld(trading)
  await trading.tick({ 'BTC-USD': 9890 })
  await trading.tick({ 'BTC-USD': 9880 })
  model.script({ outcome: 'provider_error', error: 'down' })
  await trading.tick({ 'BTC-USD': 9700 }, 1_900_000)
  const failed = await trading.decide()
  await archiveAll({ pool, client: trading.client })
  return { trading, bought, held, failed }
}

export async function bundleCode(): Promise<string> {
  return readFileSync((await ensureWorkflowBundle(() => {})).path, 'utf8')
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

/** Changes rows as somebody would who owns the database: past every trigger. Answers what undoes it. */
export async function tamper(pool: Pool, { table, key, set, where, to }: Tampering): Promise<() => Promise<void>> {
  const { rows } = await pool.query<TamperedRow & Readonly<Record<string, unknown>>>(`select * from ${table} where ${where}`, [key])
  const [row] = rows
  if (row === undefined) throw new Error(`no row of ${table} is ${key}`)
  const update = async (values: readonly unknown[]): Promise<void> => {
    const client = await pool.connect()
    try {
      await client.query('set session_replication_role = replica')
      const assigned = set.map((column, at) => `${column} = $${at + 2}`).join(', ')
      await client.query(`update ${table} set ${assigned} where ${where}`, [key, ...values])
    } finally {
      await client.query('set session_replication_role = origin')
      client.release()
    }
  }
  const before = set.map((column) => row[column])
  await update(to(row))
  return () => update(before)
}

/** Of a row, what a test changes. */
export interface TamperedRow {
  readonly history: Buffer
  readonly document: object
}

export interface Tampering {
  readonly table: string
  /** A condition on $1, which is `key`. */
  readonly where: string
  readonly key: string
  readonly set: readonly string[]
  readonly to: (row: TamperedRow) => readonly unknown[]
}

/** A history with its hash, after a change of its events. */
export function altered(bytes: Buffer, change: (history: temporal.api.history.v1.IHistory) => void): readonly [Buffer, string] {
  const history = historyMessage.decode(bytes)
  change(history)
  const changed = Buffer.from(historyMessage.encode(history).finish())
  return [changed, sha256(changed)]
}
