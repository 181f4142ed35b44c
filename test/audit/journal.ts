import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { gzipSync } from 'node:zlib'
import { emptyGate } from '@trader/core/agent/gate'
import type { Position } from '@trader/core/contract/position'
import { addFill } from '@trader/core/order/add-fill'
import { createToken } from '@trader/server/access/create-token'
import { readShapes } from '@trader/server/audit/record-content'
import { chainAfter } from '@trader/server/audit/seal-chain'
import { newestSeal, sealBatch } from '@trader/server/audit/seal-batch'
import { openSealSigner, readSealPublicKey, type SealSigner } from '@trader/server/audit/seal-key'
import { appendSeal } from '@trader/server/audit/seal-log'
import { verifyAudit, type AuditVerdict } from '@trader/server/audit/verify-audit'
import { sequenceEvents } from '@trader/server/database/event-sequencer'
import { withTransaction, type Database, type Pool } from '@trader/server/database/pool'
import { activatePromptVersion } from '@trader/server/database/queries/activate-prompt-version'
import { saveAgentLog } from '@trader/server/database/queries/agent-log'
import { createPromptVersion } from '@trader/server/database/queries/create-prompt-version'
import { saveEquitySample } from '@trader/server/database/queries/equity-samples'
import { addFeedback, markFeedbackProcessed } from '@trader/server/database/queries/feedback'
import { insertPaperFills } from '@trader/server/database/queries/insert-paper-fills'
import { listWallets } from '@trader/server/database/queries/list-wallets'
import { mergePreferences } from '@trader/server/database/queries/preferences'
import { recordBlock } from '@trader/server/database/queries/record-block'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { releaseOrder } from '@trader/server/database/queries/release-order'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { revokeAccessToken } from '@trader/server/database/queries/revoke-access-token'
import { saveDecision } from '@trader/server/database/queries/save-decision'
import { saveModelCall } from '@trader/server/database/queries/save-model-call'
import { setTradeableFraction } from '@trader/server/database/queries/set-tradeable-fraction'
import { setTradingFlag } from '@trader/server/database/queries/trading-flag'
import { dataDirPaths, type DataDir } from '@trader/server/stack/data-dir'
import { batch, marketTime, newOrder, newRun, noPosition, posting, sendOrder, toReserve } from '../database/book.ts'
import { snapshotOf } from '../support/decision-snapshot.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What a stack keeps for its seals, in a directory of its own. */
export interface SealedWorld {
  readonly pool: Pool
  readonly files: DataDir
  readonly signer: SealSigner
  remove(): void
}

export function openSealedWorld(pool: Pool): SealedWorld {
  const directory = mkdtempSync(`${tmpdir()}/trader-audit-`)
  const files = dataDirPaths(directory)
  return { pool, files, signer: openSealSigner(files), remove: () => rmSync(directory, { recursive: true, force: true }) }
}

/** Seals all that waits; answers how many seals that took. */
export async function sealAll({ pool, files, signer }: SealedWorld): Promise<number> {
  const shapes = await readShapes(pool)
  for (let seals = 0; ; seals += 1) {
    const seal = await sealBatch(pool, { signer, shapes, end: chainAfter(await newestSeal(pool)) })
    if (seal === null) return seals
    appendSeal(files.sealLog, seal)
  }
}

export function verifyWorld(world: SealedWorld, db?: Database): Promise<AuditVerdict> {
  const options = { publicKey: readSealPublicKey(world.files), sealLog: world.files.sealLog }
  if (db !== undefined) return verifyAudit(db, options)
  return withTransaction(world.pool, (transaction) => verifyAudit(transaction, options), { isolation: 'repeatable read' })
}

/** Something of every kind that is sealed: `rounds` trades there and back, and all that people and agents do beside them. */
export async function recordJournal(pool: Pool, { rounds, name }: { rounds: number; name: string }): Promise<string> {
  const runId = await newRun(pool, { cash: '1000000' })
  await recordPeople(pool, { runId, name })
  let position: Position = noPosition
  for (let round = 0; round < rounds; round += 1) {
    position = await recordRound(pool, { runId, name: `${name}-${round}`, position })
    await recordDecision(pool, { runId, name: `${name}-${round}`, round })
  }
  await sequenceEvents(pool)
  return runId
}

/** Buys in two fills, sells half in one and takes the rest of the order off. */
async function recordRound(pool: Pool, { runId, name, position }: { runId: string; name: string; position: Position }): Promise<Position> {
  const buy = newOrder(runId, { origin: `buy-${name}`, quantity: '0.02' })
  await reserveOrders(pool, batch(runId, `buy-${name}`, [toReserve(buy, '1400')]))
  await sendOrder(pool, buy)
  const first = posting({ order: buy, quantity: '0.005', price: '60000.5', fee: '1.8' }, position)
  await insertPaperFills(pool, [first.fill])
  await recordFill(pool, first)
  const second = posting(
    { order: addFill({ order: buy, fill: first.fill }), quantity: '0.015', price: '60010', fee: '5.4', tradeId: '2' },
    first.position,
  )
  await insertPaperFills(pool, [second.fill])
  await recordFill(pool, second)
  const sell = newOrder(runId, { origin: `sell-${name}`, side: 'SELL', quantity: '0.01', expected_edge_bps: 12.5 })
  await reserveOrders(pool, batch(runId, `sell-${name}`, [toReserve(sell)]))
  await sendOrder(pool, sell)
  const sold = posting({ order: sell, quantity: '0.004', price: '66000', fee: '1.584' }, second.position)
  await insertPaperFills(pool, [sold.fill])
  await recordFill(pool, sold)
  await releaseOrder(pool, {
    order_id: sell.order_id,
    run_id: runId,
    book: 'paper',
    state: 'CANCELLED',
    reason: 'enough',
    market_time: marketTime,
  })
  return sold.position
}

async function recordDecision(pool: Pool, { runId, name, round }: { runId: string; name: string; round: number }): Promise<void> {
  const time = marketTime + round * 25_000
  const id = `decision-${name}`
  await saveDecision(pool, {
    id,
    run_id: runId,
    book: 'paper',
    market_time: time,
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
  })
  await saveModelCall(pool, {
    call_id: `call-${name}`,
    agent: 'execution',
    model: 'offline',
    prompt_hash: sha256('p'),
    prompt_version: 1,
    reply: '{"action":"HOLD"}',
    outcome: 'ok',
    error: null,
    tokens_in: 10,
    tokens_out: 3,
    cost_usd: '0.0125',
    latency_ms: 40,
    correlation_id: id,
    run_id: runId,
    market_time: time,
  })
  await recordBlock(pool, {
    block_id: `block-${name}`,
    run_id: runId,
    book: 'paper',
    correlation_id: id,
    reason: 'COOL_DOWN',
    detail: '12 s of 60 s',
    reasons: [{ reason: 'COOL_DOWN', detail: '12 s of 60 s' }],
    request: { product: 'BTC-USD', side: 'BUY', type: 'market', notional: '100' },
    market_time: time,
  })
  await pool.query(`select reserve_model_cost($1, 1, 'execution', 0.02, 5, 0)`, [`call-${name}`])
  await recordEvidence(pool, { id, time })
  const amounts = { equity: '10000.5', cash: '9000', scraped: '0.5', position_value: '1000', realized_pnl: '1', unrealized_pnl: '-0.5' }
  await saveEquitySample(pool, { run_id: runId, book: 'paper', market_time: time, ...amounts })
  await saveAgentLog(pool, [
    {
      log_id: `log-${name}`,
      agent: 'broker',
      kind: 'action',
      correlation_id: id,
      market_time: time,
      recorded_at: time,
      payload: { action: 'answered', words: 'péage ✓' },
    },
  ])
}

/** As the archive of histories does it: bytes under their hash. */
async function recordEvidence(pool: Pool, { id, time }: { id: string; time: number }): Promise<void> {
  const [history, code] = [Buffer.from(`history of ${id}`), `code of ${id}`]
  await pool.query('insert into workflow_bundle (bundle_hash, code) values ($1, $2)', [sha256(code), gzipSync(code)])
  await pool.query(
    `insert into workflow_history (history_hash, workflow_id, temporal_run_id, workflow_type, decision_id, namespace, bundle_hash, event_count, closed_at, history)
     values ($1, $2, 'run', 'TradingDecisionWorkflow', $2, 'default', $3, 11, $4, $5)`,
    [createHash('sha256').update(history).digest('hex'), id, sha256(code), time, history],
  )
  await pool.query(`insert into workflow_history_gone (workflow_id, decision_id, detail) values ($1, $2, 'not found')`, [`order-${id}`, id])
}

/** Operators: flag, fraction, preferences, prompts, feedback, tokens. */
async function recordPeople(pool: Pool, { runId, name }: { runId: string; name: string }): Promise<void> {
  const policy = { mode: 'standard' as const, max_position: 0.25, cash_reserve: 0.05, min_edge_bps: 10, cool_down_seconds: 60 }
  const text = `be careful, ${name}`
  const version = await createPromptVersion(pool, {
    idempotencyKey: `version-${name}`,
    version: {
      mode: 'standard',
      text,
      text_hash: sha256(text),
      policy: { ...policy, preferred_rules: ['momentum'] },
      reason: 'start',
      evidence: {},
      author: 'system',
      parent_version: null,
      created_by: null,
    },
    marketTime,
  })
  await activatePromptVersion(pool, { idempotency_key: `active-${name}`, version, who: 'judge', reason: 'better', market_time: marketTime })
  await mergePreferences(pool, { idempotencyKey: `preferences-${name}`, patch: { risk_tolerance: 'low' }, who: 'owner', marketTime })
  for (const state of ['paused', 'active'] as const) {
    await setTradingFlag(pool, { book: 'paper', state, who: 'owner', reason: name, run_id: runId, market_time: marketTime })
  }
  const wallet = (await listWallets(pool, { runId })).find(({ asset }) => asset === 'USD')
  const change = { fraction: 0.9, who: 'owner', reason: 'careful', market_time: marketTime }
  await setTradeableFraction(pool, { ...change, idempotency_key: `fraction-${name}`, wallet_id: wallet?.wallet_id ?? 0 })
  await addFeedback(pool, { feedback_id: `feedback-${name}`, target: 'execution', message: 'less of it', market_time: marketTime })
  await markFeedbackProcessed(pool, { feedbackIds: [`feedback-${name}`], processedBy: `decision-${name}`, marketTime })
  await addFeedback(pool, { feedback_id: `open-${name}`, target: 'judge', message: 'why?', market_time: marketTime })
  await createToken(pool, { name, scope: 'read', expiresAt: null })
  const { stored } = await createToken(pool, { name: `${name} old`, scope: 'admin', expiresAt: null })
  await revokeAccessToken(pool, stored.token_id)
}
