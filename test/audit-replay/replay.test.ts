import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { archiveAll } from '@trader/server/audit/archive/archive-histories'
import { replayDecisions, type ReplayReport } from '@trader/server/audit/replay/replay-decisions'
import { Replayer } from '@trader/server/audit/replay/replayer'
import type { Pool } from '@trader/server/database/pool'
import { listOrders } from '@trader/server/database/queries/list-orders'
import { historiesOf } from '@trader/server/database/queries/workflow-histories'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { changed } from '../replay/replay-content.ts'
import { createDatabase } from '../support/postgres.ts'
import { trader } from '../support/stack-process.ts'
import { startTemporal } from '../support/temporal.ts'
import { quietTemporal } from '../support/trading.ts'
import { altered, type ArchivedSession, archivedSession, bundleCode, sha256, tamper, type TamperedRow } from './archived-session.ts'

let temporal: TestWorkflowEnvironment
let pool: Pool
let url: string
let session: ArchivedSession
const replayer = new Replayer()

beforeAll(async () => {
  quietTemporal()
  temporal = await startTemporal()
  ;({ pool, url } = await createDatabase(inject('postgresUrl')))
  session = await archivedSession(temporal, pool)
})
afterAll(async () => {
  replayer.close()
  await session.trading.stop()
  await temporal.teardown()
  await pool.end()
})

function replay({ ids = null, current = null }: { ids?: readonly string[] | null; current?: string | null } = {}): Promise<ReplayReport> {
  return replayDecisions({ pool, replayer, ids, current, onProgress: () => {} })
}

describe('the archive', () => {
  it('has every decision and every order that ended, on the hash of the code that ran', async () => {
    const { rows } = await pool.query(
      'select workflow_type, bundle_hash, count(*)::int as count from workflow_history group by 1, 2 order by 1',
    )
    const bundle_hash = sha256(await bundleCode())
    expect(rows).toEqual([
      { workflow_type: 'PlaceMockOrderWorkflow', bundle_hash, count: 3 },
      { workflow_type: 'TradingDecisionWorkflow', bundle_hash, count: 3 },
    ])
  })

  it('is filled by the workflow of the Schedule too, which finds nothing new', async () => {
    const { client, taskQueue } = session.trading
    expect(await client.workflow.execute('ArchiveHistoriesWorkflow', { workflowId: 'archive-once-more', taskQueue })).toBe(0)
  })

  it('refuses a history that is not what its hash says', async () => {
    await expect(pool.query(`update workflow_history set history = '\\x00'`)).rejects.toThrow()
    const insert = `insert into workflow_history select repeat('a', 64), workflow_id || 'x', temporal_run_id, workflow_type, decision_id, namespace,
      bundle_hash, event_count, closed_at, history from workflow_history limit 1`
    await expect(pool.query(insert)).rejects.toThrow('workflow_history_check')
  })
})

describe('a replay', () => {
  it('of everything is identical, orders with their decisions', async () => {
    expect(await replay()).toEqual({ replayed: 3, identical: 3, different: [], workflows: 6, not_archived: [] })
  })

  it('of one decision is of that one', async () => {
    expect(await replay({ ids: [session.held.id] })).toMatchObject({ replayed: 1, identical: 1, workflows: 1 })
  })

  it("on today's code says what would have been different", async () => {
    const current = changed(await bundleCode(), /sized\.quantity\)/, 'sized.quantity.times(2))')
    const report = await replay({ current })
    expect(report).toMatchObject({ replayed: 3, identical: 2 })
    expect(report.different).toEqual([
      {
        id: session.bought.id,
        path: expect.stringMatching(/reserveOrders, input\[0\]\.orders\[0\]\.order\.quantity$/),
        recorded: expect.any(String),
        replayed: expect.any(String),
      },
    ])
  })
})

describe('what was altered is named:', () => {
  it('an amount in a recorded order, with the hash of it', async () => {
    const { bought } = session
    const undo = await tamper(pool, {
      table: 'workflow_history',
      where: 'workflow_id = $1',
      key: bought.id,
      set: ['history', 'history_hash'],
      to: (row) =>
        altered(row.history, ({ events }) => {
          const reserve = events?.find((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'reserveOrders')
          const payload = reserve?.activityTaskScheduledEventAttributes?.input?.payloads?.[0]
          if (!payload?.data) throw new Error('no order was reserved')
          payload.data = Buffer.from(
            Buffer.from(payload.data)
              .toString()
              .replace(/"quantity":"[^"]+"/, '"quantity":"77"'),
          )
        }),
    })
    const { different } = await replay()
    await undo()
    expect(different).toEqual([
      {
        id: bought.id,
        path: expect.stringMatching(/^activity \d reserveOrders, input\[0\]\.orders\[0\]\.order\.quantity$/),
        recorded: '77',
        replayed: expect.any(String),
      },
    ])
  })

  it('a price that the decision saw', async () => {
    const { held } = session
    const undo = await tamper(pool, {
      table: 'workflow_history',
      where: 'workflow_id = $1',
      key: held.id,
      set: ['history', 'history_hash'],
      to: (row) =>
        altered(row.history, ({ events }) => {
          const payload = events?.flatMap((event) => event.activityTaskCompletedEventAttributes?.result?.payloads ?? [])[0]
          if (!payload?.data) throw new Error('nothing was gathered')
          payload.data = Buffer.from(Buffer.from(payload.data).toString().replaceAll('"10010.00"', '"10011.00"'))
        }),
    })
    const { different } = await replay()
    await undo()
    expect(different).toEqual([{ id: held.id, path: expect.any(String), recorded: '10010.00', replayed: '10011.00' }])
  })

  it('a byte of a history', async () => {
    await pool.query('alter table workflow_history drop constraint workflow_history_check')
    const undo = await tamper(pool, {
      table: 'workflow_history',
      where: 'workflow_id = $1',
      key: session.held.id,
      set: ['history'],
      to: (row) => {
        const bytes = Buffer.from(row.history)
        bytes[100] = (bytes[100] ?? 0) ^ 1
        return [bytes]
      },
    })
    const { different } = await replay()
    await undo()
    expect(different).toEqual([
      {
        id: session.held.id,
        path: 'history',
        recorded: expect.stringMatching(/^hash \w{64}$/),
        replayed: expect.stringMatching(/^hash \w{64}$/),
      },
    ])
  })

  it('rubbish in place of a history', async () => {
    const rubbish = Buffer.from('not a history at all')
    const to = () => [rubbish, sha256(rubbish)]
    const undo = await tamper(pool, {
      table: 'workflow_history',
      where: 'workflow_id = $1',
      key: session.held.id,
      set: ['history', 'history_hash'],
      to,
    })
    const report = await replay()
    await undo()
    expect(report).toMatchObject({ replayed: 3, identical: 2, different: [{ id: session.held.id, path: 'history' }] })
  })

  it('the decision in the book of record', async () => {
    const { held } = session
    const to = (row: TamperedRow) => [JSON.stringify(Object.assign({}, row.document, { hold_reason: 'NO_REASON' }))]
    const undo = await tamper(pool, { table: 'decision', where: 'id = $1', key: held.id, set: ['document'], to })
    const { different } = await replay()
    await undo()
    expect(different).toEqual([{ id: held.id, path: 'decision.hold_reason', recorded: 'NO_REASON', replayed: held.hold_reason }])
  })

  it('the code', async () => {
    const hash = sha256(await bundleCode())
    const undo = await tamper(pool, {
      table: 'workflow_bundle',
      where: 'bundle_hash = $1',
      key: hash,
      set: ['code'],
      to: () => [Buffer.from('evil')],
    })
    const { identical, different } = await replay()
    await undo()
    expect(identical).toBe(0)
    expect(different[0]).toMatchObject({ path: 'bundle', recorded: hash, replayed: 'its code cannot be unpacked' })
  })
})

describe('a workflow that is not as others', () => {
  it('has all its runs archived where it continued as new', async () => {
    const own = await startTemporal({ suggestNewRunAfter: 30 })
    const database = await createDatabase(inject('postgresUrl'))
    const { trading, bought } = await archivedSession(own, database.pool, async () => {
      const stop = (await listOrders(database.pool, { states: ['ARMED'] })).find(({ type }) => type === 'stop')
      if (stop === undefined) throw new Error('no stop waits')
      for (let told = 0; told < 15; told += 1) await own.client.workflow.getHandle(stop.workflow_id).signal('small talk')
    })
    try {
      const runs = Map.groupBy(await historiesOf(database.pool, bought.id), ({ workflow_id }) => workflow_id)
      const [most = []] = Array.from(runs.values()).toSorted((left, right) => right.length - left.length)
      expect(most.length).toBeGreaterThan(1)
      expect(most.map(({ closed_at }) => closed_at)).toEqual(most.map(({ closed_at }) => closed_at).toSorted((left, right) => left - right))
      const report = await replayDecisions({ pool: database.pool, replayer, ids: null, current: null, onProgress: () => {} })
      const { rows } = await database.pool.query('select count(*)::int as workflows from workflow_history')
      expect(report).toEqual({ replayed: 3, identical: 3, different: [], workflows: rows[0].workflows, not_archived: [] })
    } finally {
      await trading.stop()
      await own.teardown()
      await database.pool.end()
    }
  })

  it('is archived where it was ended before it was recorded, and did nothing that could be replayed', async () => {
    const { client, run } = session.trading
    const workflowId = `decision-${run.run_id}-ended`
    const handle = await client.workflow.start('TradingDecisionWorkflow', { workflowId, taskQueue: 'nobody-listens', args: [{}] })
    await handle.terminate('the test ends it')
    await expect
      .poll(async () => {
        await archiveAll({ pool, client })
        return historiesOf(pool, workflowId)
      })
      .toHaveLength(1)
    expect(await replay({ ids: [workflowId] })).toMatchObject({ replayed: 1, identical: 1 })
  })

  it('is asked for once where Temporal has lost it', async () => {
    await pool.query(
      `insert into decision (id, run_id, book, market_time, action, document)
      select 'decision-lost', run_id, book, market_time, action, document from decision where id = $1`,
      [session.held.id],
    )
    await archiveAll({ pool, client: session.trading.client })
    const { rows } = await pool.query('select workflow_id, decision_id, detail from workflow_history_gone')
    expect(rows).toEqual([
      { workflow_id: 'decision-lost', decision_id: 'decision-lost', detail: expect.stringContaining('Temporal knows no such workflow') },
    ])
    expect((await replay()).not_archived).toEqual(['decision-lost'])
  })
})

describe('trader audit replay', () => {
  const run = (...args: string[]) => trader(['audit', 'replay', ...args], { DATABASE_URL: url })

  it('replays all, says so as JSON, and ends well', async () => {
    const { stdout, exitCode } = await run('--all', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ replayed: 4, identical: 4, different: [] })
    expect(exitCode).toBe(0)
  })

  it('names what is different, and fails', async () => {
    const to = (row: TamperedRow) => [JSON.stringify(Object.assign({}, row.document, { orders: ['another'] }))]
    const undo = await tamper(pool, { table: 'decision', where: 'id = $1', key: session.held.id, set: ['document'], to })
    const { stdout, exitCode } = await run(session.held.id)
    await undo()
    expect(exitCode).toBe(1)
    expect(stdout).toContain('1 decisions replayed (1 workflows with their orders), 0 identical')
    expect(stdout).toContain('decision.orders[0]\n      recorded: "another"')
  })

  it("tries today's code", async () => {
    const { stdout, exitCode } = await run('--all', '--current', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ replayed: 4, identical: 4 })
    expect(exitCode).toBe(0)
  })

  it('knows only what is there, and wants one or all', async () => {
    expect(await run('decision-none')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('there is no decision decision-none') })
    expect(await run()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('say which decision, or --all') })
    expect(await run('decision-none', '--all')).toMatchObject({ exitCode: 2 })
  })
})
