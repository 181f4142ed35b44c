import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { emptyGate } from '@trader/core/agent/gate'
import { block as blockShape } from '@trader/core/contract/block'
import { decision as decisionShape, type Decision } from '@trader/core/contract/decision'
import { feedback as feedbackShape } from '@trader/core/contract/feedback'
import { fill as fillShape } from '@trader/core/contract/fill'
import { modelCall as modelCallShape } from '@trader/core/contract/model-call'
import { order as orderShape } from '@trader/core/contract/order'
import { position as positionShape } from '@trader/core/contract/position'
import { defaultPreferences, storedPreferences } from '@trader/core/contract/preferences'
import { promptVersion as promptVersionShape } from '@trader/core/contract/prompt-version'
import { migrate } from '@trader/server/database/migrate'
import { withTransaction, type Pool } from '@trader/server/database/pool'
import { activatePromptVersion, listPromptActivations } from '@trader/server/database/queries/activate-prompt-version'
import { claimStack } from '@trader/server/database/queries/claim-stack'
import { createPromptVersion } from '@trader/server/database/queries/create-prompt-version'
import { listEquitySamples, saveEquitySample } from '@trader/server/database/queries/equity-samples'
import { eventsSince, lastEventId } from '@trader/server/database/queries/events-since'
import { addFeedback, markFeedbackProcessed, pendingFeedback } from '@trader/server/database/queries/feedback'
import { getPositions } from '@trader/server/database/queries/get-positions'
import { ledgerExport } from '@trader/server/database/queries/ledger-export'
import { ledgerCheck } from '@trader/server/database/queries/ledger-check'
import { listBlocks } from '@trader/server/database/queries/list-blocks'
import { findDecision, listDecisions } from '@trader/server/database/queries/list-decisions'
import { listFills } from '@trader/server/database/queries/list-fills'
import { listModelCalls, spentOnModels } from '@trader/server/database/queries/list-model-calls'
import { findOrder } from '@trader/server/database/queries/list-orders'
import { activePromptVersion, listPromptVersions } from '@trader/server/database/queries/list-prompt-versions'
import { getPreferences, mergePreferences } from '@trader/server/database/queries/preferences'
import { recordBlock } from '@trader/server/database/queries/record-block'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { saveDecision } from '@trader/server/database/queries/save-decision'
import { saveModelCall } from '@trader/server/database/queries/save-model-call'
import { findPromptText, savePromptText } from '@trader/server/database/queries/save-prompt-text'
import { sequenceEvents } from '@trader/server/database/event-sequencer'
import { snapshotOf } from '../support/decision-snapshot.ts'
import { createDatabase } from '../support/postgres.ts'
import { batch, marketTime, newOrder, newRun, posting, sendOrder, toReserve } from './book.ts'

let pool: Pool
let url: string
beforeAll(async () => {
  ;({ pool, url } = await createDatabase(inject('postgresUrl')))
})
afterAll(() => pool.end())

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Events that were written by `work`, by type. */
async function eventTypes(work: () => Promise<unknown>): Promise<string[]> {
  await sequenceEvents(pool)
  const since = await lastEventId(pool)
  await work()
  await sequenceEvents(pool)
  return (await eventsSince(pool, { since })).map((event) => event.type)
}

describe('the database', () => {
  it('is migrated once, also by two starters at a time', async () => {
    const both = await Promise.all([migrate({ connectionString: url }), migrate({ connectionString: url })])
    expect(both).toEqual([{ applied: [] }, { applied: [] }])
  })

  it('belongs to the first stack that claims it', async () => {
    expect(await claimStack(pool, 'mine')).toBe('mine')
    expect(await claimStack(pool, 'other')).toBe('mine')
  })
})

describe('an order, its fill and its position', () => {
  it('come back in the shapes of the contract, with one event for each fact', async () => {
    const runId = await newRun(pool)
    const buy = newOrder(runId, { origin: 'buy' })
    const sell = newOrder(runId, { origin: 'sell', side: 'SELL', expected_edge_bps: 12.5, expires_at: marketTime + 5 })
    const types = await eventTypes(async () => {
      await reserveOrders(pool, batch(runId, 'buy', [toReserve(buy)]))
      await sendOrder(pool, buy)
      const bought = posting({ order: buy, quantity: '0.01', price: '60000', fee: '3.6' })
      await recordFill(pool, bought)
      await reserveOrders(pool, batch(runId, 'sell', [toReserve(sell)]))
      await sendOrder(pool, sell)
      await recordFill(pool, posting({ order: sell, quantity: '0.01', price: '66000', fee: '3.96' }, bought.position))
    })
    const submitted = ['order_submitted', 'order_updated', 'order_updated']
    const filled = ['fill', 'order_updated', 'position_update']
    expect(types).toEqual([...submitted, ...filled, ...submitted, ...filled, 'profit_scraped'])
    const [sale] = await listFills(pool, { runId, limit: 1 })
    expect(fillShape.parse(sale)).toMatchObject({ realized_pnl: '52.44', scraped: '10.488', position_quantity_after: '0' })
    expect(positionShape.parse((await getPositions(pool, runId))[0])).toMatchObject({
      quantity: '0',
      realized_pnl: '52.44',
      average_price: null,
      version: 2,
    })
    expect(orderShape.parse(await findOrder(pool, sell.order_id))).toMatchObject({
      state: 'FILLED',
      average_price: '66000',
      fee: '3.96',
      expected_edge_bps: 12.5,
    })
  })

  it('are exported in a stable order, and a purchase is the posting of the specification', async () => {
    const runId = await newRun(pool)
    const order = newOrder(runId, { origin: 'buy' })
    await reserveOrders(pool, batch(runId, 'buy', [toReserve(order)]))
    await sendOrder(pool, order)
    await recordFill(pool, posting({ order, quantity: '0.01', price: '60000', fee: '3.6' }))
    const book = await withTransaction(pool, (db) => ledgerExport(db, { runId }), { isolation: 'repeatable read' })
    expect(await ledgerExport(pool, { runId })).toEqual(book)
    const kinds = new Map(book.accounts.map((account) => [account.account_id, `${String(account.asset)} ${String(account.kind)}`]))
    const purchase = book.transactions.find((txn) => txn.kind === 'fill')
    const legs = book.entries.filter((entry) => entry.txn_id === purchase?.txn_id)
    expect(Object.fromEntries(legs.map((leg) => [kinds.get(leg.account_id), leg.amount]))).toEqual({
      'USD exchange_clearing': '600',
      'USD available': '-603.6',
      'USD fees': '3.6',
      'BTC exchange_clearing': '-0.01',
      'BTC available': '0.01',
    })
    expect([book.orders.length, book.fills.length]).toEqual([1, 1])
  })

  it('are found wrong by the check when somebody forged them past the triggers', async () => {
    const copy = await createDatabase(inject('postgresUrl'))
    const runId = await newRun(copy.pool)
    const order = newOrder(runId, { origin: 'buy' })
    await reserveOrders(copy.pool, batch(runId, 'buy', [toReserve(order)]))
    await sendOrder(copy.pool, order)
    await recordFill(copy.pool, posting({ order, quantity: '0.004', price: '60000', fee: '1.44' }))
    const clean = await ledgerCheck(copy.pool)
    expect(clean).toEqual({ ok: true, transactions: 2, sums: { USD: '0', BTC: '0' }, problems: [] })
    const forge = async (sql: string): Promise<string[]> => {
      const client = await copy.pool.connect()
      await client.query('begin')
      await client.query('set local session_replication_role = replica')
      await client.query(sql)
      const { ok, problems } = await ledgerCheck(client)
      await client.query('rollback')
      client.release()
      expect(ok).toBe(false)
      return problems
    }
    expect(await forge(`update entry set amount = amount + 1 where amount > 0 and asset = 'BTC'`)).toContainEqual(
      expect.stringContaining('leaves 1 BTC over'),
    )
    expect(await forge(`update account set posted = posted + 1 where asset = 'USD' and kind = 'available'`)).toContainEqual(
      expect.stringMatching(/posted 9759.56, entries sum to 9758.56/),
    )
    expect(await forge(`update account set held = 0`)).toContainEqual(expect.stringContaining('open holds sum to 420'))
    expect(await forge(`update account set version = 9 where version = 2`)).toContainEqual(expect.stringContaining('has version 9'))
    expect(await forge(`update entry set balance_after = 5 where seq = 1`)).toContainEqual(
      expect.stringContaining('balance 5, history says'),
    )
    expect(await forge(`delete from fill`)).toContainEqual(expect.stringContaining('has no fill'))
    expect(await forge(`update fill set fee = 9`)).toContainEqual(expect.stringContaining('its fill says 9'))
    expect(await forge(`update positions set cost_basis = 1`)).toContainEqual(expect.stringContaining('position of BTC-USD'))
    expect(await forge(`update orders set filled_quantity = 0.005`)).toContainEqual(expect.stringContaining('filled 0.005'))
    expect(await forge(`update orders set state = 'CANCELLED'`)).toContainEqual(
      expect.stringContaining('is CANCELLED and its hold is open'),
    )
    await copy.pool.end()
  })
})

describe('a refusal', () => {
  it('is kept once, with its event', async () => {
    const runId = await newRun(pool)
    const refused = {
      block_id: `${runId}-b`,
      run_id: runId,
      book: 'paper',
      correlation_id: 'd-1',
      reason: 'COOL_DOWN' as const,
      detail: '12 s of 60 s',
      reasons: [
        { reason: 'COOL_DOWN' as const, detail: '12 s of 60 s' },
        { reason: 'COST_GATE' as const, detail: '1 bps of 132' },
      ],
      request: { product: 'BTC-USD', side: 'BUY' as const, type: 'market' as const, notional: '100' },
      market_time: marketTime,
    }
    const types = await eventTypes(async () => {
      await recordBlock(pool, refused)
      await recordBlock(pool, refused)
    })
    expect(types).toEqual(['trade_blocked'])
    const [stored] = await listBlocks(pool, { runId })
    expect(blockShape.parse(stored)).toMatchObject(refused)
    expect(await listBlocks(pool, { correlationId: 'd-1', since: marketTime + 1 })).toEqual([])
  })
})

describe('a decision and its model calls', () => {
  it('are kept once, found and listed', async () => {
    const runId = await newRun(pool)
    const made: Omit<Decision, 'recorded_at'> = {
      id: `decision-${runId}`,
      run_id: runId,
      book: 'paper',
      market_time: marketTime,
      action: 'HOLD',
      hold_reason: 'GATE_CLOSED',
      hold_detail: null,
      products: ['BTC-USD'],
      prompt_version: 1,
      prompt_hash: null,
      model: null,
      gate: { verdicts: [], state: emptyGate },
      snapshot: snapshotOf([]),
      proposal: null,
      model_calls: [],
      orders: [],
      blocks: [],
      feedback_used: [],
      preferences_version: 0,
    }
    const call = {
      call_id: `${runId}-c`,
      agent: 'execution' as const,
      model: 'offline',
      prompt_hash: sha256('p'),
      prompt_version: 1,
      reply: '{}',
      outcome: 'ok' as const,
      error: null,
      tokens_in: 10,
      tokens_out: 3,
      cost_usd: '0.0125',
      latency_ms: 40,
      correlation_id: made.id,
      run_id: runId,
      market_time: marketTime,
    }
    const before = Date.now() - 1000
    const types = await eventTypes(async () => {
      for (const _ of [1, 2]) {
        await saveDecision(pool, made)
        await saveModelCall(pool, call)
      }
    })
    expect(types).toEqual(['decision_made', 'llm_call'])
    expect(decisionShape.parse(await findDecision(pool, made.id))).toMatchObject(made)
    expect(await listDecisions(pool, { runId, action: 'HOLD', promptVersion: 1, since: marketTime })).toHaveLength(1)
    expect(await listDecisions(pool, { runId, action: 'TRADE' })).toEqual([])
    expect(modelCallShape.parse((await listModelCalls(pool, { correlationId: made.id }))[0])).toMatchObject(call)
    expect(await spentOnModels(pool, { since: before })).toBe('0.0125')
    expect(await spentOnModels(pool, { since: before, agent: 'judge' })).toBe('0')
    expect(await spentOnModels(pool, { since: Date.now() + 60_000 })).toBe('0')
  })
})

describe('prompts', () => {
  it('are kept under their hash, versioned, activated and rolled back with history', async () => {
    expect(await activePromptVersion(pool)).toBeNull()
    await savePromptText(pool, { textHash: sha256('hello'), text: 'hello' })
    await savePromptText(pool, { textHash: sha256('hello'), text: 'hello' })
    expect(await findPromptText(pool, sha256('hello'))).toBe('hello')
    await expect(savePromptText(pool, { textHash: sha256('hello2'), text: 'hello' })).rejects.toThrow(/check constraint/)
    const policy = {
      mode: 'standard' as const,
      max_position: 0.25,
      cash_reserve: 0.05,
      min_edge_bps: 10,
      cool_down_seconds: 60,
      preferred_rules: ['momentum' as const],
    }
    const version = {
      mode: 'standard' as const,
      text: 'be careful',
      text_hash: sha256('be careful'),
      policy,
      reason: 'start',
      evidence: {},
      author: 'system' as const,
      parent_version: null,
      created_by: null,
    }
    const first = await createPromptVersion(pool, { idempotencyKey: 'v1', version, marketTime })
    expect(await createPromptVersion(pool, { idempotencyKey: 'v1', version, marketTime })).toBe(first)
    await expect(createPromptVersion(pool, { idempotencyKey: 'v1', version: { ...version, reason: 'x' }, marketTime })).rejects.toThrow(
      /was used before/,
    )
    const second = await createPromptVersion(pool, {
      idempotencyKey: 'v2',
      version: { ...version, parent_version: first, author: 'judge' },
      marketTime,
    })
    expect([first, second]).toEqual([1, 2])
    const activate = (key: string, number: number): Promise<unknown> =>
      activatePromptVersion(pool, { idempotency_key: key, version: number, who: 'judge', reason: 'better', market_time: marketTime })
    await activate('a1', 1)
    expect(await activate('a2', 2)).toEqual({ version: 2, previous_version: 1 })
    expect(await activate('a2', 2)).toEqual({ version: 2, previous_version: 1 })
    expect(
      (await listPromptVersions(pool)).map((each) => promptVersionShape.parse(each)).map((each) => [each.version, each.is_active]),
    ).toEqual([
      [2, true],
      [1, false],
    ])
    await activate('back', 1)
    expect(await activePromptVersion(pool)).toMatchObject({ version: 1, text: 'be careful' })
    expect((await listPromptActivations(pool)).map((each) => each.version)).toEqual([1, 2, 1])
    await expect(activate('none', 99)).rejects.toThrow(/foreign key/)
  })
})

describe('preferences', () => {
  it('start as defaults, change only what is named, and count versions', async () => {
    expect(await getPreferences(pool)).toEqual({ ...defaultPreferences, version: 0, updated_at: 0 })
    const change = { idempotencyKey: 'p1', patch: { risk_tolerance: 'high' as const }, who: 'user', marketTime }
    expect(storedPreferences.parse(await mergePreferences(pool, change))).toMatchObject({
      risk_tolerance: 'high',
      profit_scraping_percentage: 20,
      version: 1,
    })
    expect(await mergePreferences(pool, change)).toMatchObject({ version: 1 })
    await mergePreferences(pool, { ...change, idempotencyKey: 'p2', patch: { profit_scraping_percentage: 0 } })
    expect(await getPreferences(pool)).toMatchObject({ risk_tolerance: 'high', profit_scraping_percentage: 0, version: 2 })
    await Promise.all(
      [1, 2, 3, 4].map((index) => mergePreferences(pool, { ...change, idempotencyKey: `q${index}`, patch: { min_hold_minutes: index } })),
    )
    expect(await getPreferences(pool)).toMatchObject({ risk_tolerance: 'high', version: 6 })
  })
})

describe('feedback', () => {
  it('is delivered exactly once, also when two ask for it', async () => {
    const message = (id: string): Parameters<typeof addFeedback>[1] => ({
      feedback_id: id,
      target: 'execution',
      message: `please ${id}`,
      market_time: marketTime,
    })
    const types = await eventTypes(async () => {
      await addFeedback(pool, message('f1'))
      await addFeedback(pool, message('f1'))
      await addFeedback(pool, message('f2'))
    })
    expect(types).toEqual(['feedback_received', 'feedback_received'])
    const pending = await pendingFeedback(pool, 'execution')
    expect(pending.map((each) => feedbackShape.parse(each).feedback_id)).toEqual(['f1', 'f2'])
    expect(await pendingFeedback(pool, 'judge')).toEqual([])
    const take = (who: string): Promise<unknown[]> =>
      markFeedbackProcessed(pool, { feedbackIds: ['f1', 'f2'], processedBy: who, marketTime })
    const [one, two] = await Promise.all([take('d1'), take('d2')])
    expect((one?.length ?? 0) + (two?.length ?? 0)).toBe(2)
    expect(await take('d1')).toEqual(one)
    expect(await pendingFeedback(pool, 'execution')).toEqual([])
  })
})

describe('equity samples', () => {
  it('are one per market time, oldest first', async () => {
    const runId = await newRun(pool)
    const sample = {
      run_id: runId,
      book: 'paper',
      market_time: 5,
      equity: '10000.5',
      cash: '9000',
      scraped: '0.5',
      position_value: '1000',
      realized_pnl: '1',
      unrealized_pnl: '-0.5',
    }
    await saveEquitySample(pool, { ...sample, market_time: 9 })
    await saveEquitySample(pool, sample)
    await saveEquitySample(pool, { ...sample, equity: '1' })
    expect(await listEquitySamples(pool, { runId })).toMatchObject([sample, { market_time: 9 }])
    expect(await listEquitySamples(pool, { runId, from: 6, to: 9 })).toEqual([])
  })
})
