import type { Client } from '@temporalio/client'
import type { DecisionSnapshot, ProductView } from '@trader/core/agent/decision-snapshot'
import type { FeatureVector } from '@trader/core/contract/feature-vector'
import type { Order } from '@trader/core/contract/order'
import type { Run } from '@trader/core/contract/run'
import { staleAfterMs } from '@trader/core/market/market-clock'
import { measureRisk } from '@trader/core/metrics/risk-metrics'
import { decimal, sum, toText } from '@trader/core/money/decimal'
import { defaultFillModel } from '@trader/core/order/fill-model'
import { defaultRiskLimits } from '@trader/core/risk/limits'
import type { RiskSnapshot } from '@trader/core/risk/risk-snapshot'
import type { DecisionActivities, Gathered } from '@trader/workflows/activities'
import { type Database, type Pool, withTransaction } from '../../database/pool.ts'
import { appendEvent } from '../../database/queries/append-event.ts'
import { decisionMemory } from '../../database/queries/decision-memory.ts'
import { saveEquitySample } from '../../database/queries/equity-samples.ts'
import { markFeedbackProcessed, pendingFeedback } from '../../database/queries/feedback.ts'
import { activePromptVersion } from '../../database/queries/list-prompt-versions.ts'
import { spentOnModels } from '../../database/queries/list-model-calls.ts'
import { openOrders } from '../../database/queries/open-orders.ts'
import { getPreferences } from '../../database/queries/preferences.ts'
import { recordBlock } from '../../database/queries/record-block.ts'
import { saveDecision } from '../../database/queries/save-decision.ts'
import { budgetLeft, dayOf, type ModelBudget } from '../../llm/budget.ts'
import { minuteMs, readFeatures } from '../../trading/read-features.ts'
import { readRisk } from '../../trading/read-risk.ts'
import { openRunOf } from '../../trading/open-run-of.ts'

interface Dependencies {
  readonly pool: Pool
  readonly client: Client
  /** Wall time that a decision's model may take, in ms. */
  readonly modelDeadlineMs: number
  readonly budget: ModelBudget
  readonly log: (text: string) => void
}

/** What a decision reads before it thinks, and what it writes afterwards. */
export function createDecisionActivities({ pool, client, modelDeadlineMs, budget, log }: Dependencies): DecisionActivities {
  return {
    async gather({ run_id, book, market_time }) {
      const run = await openRunOf(pool, { runId: run_id, book })
      const features = await readFeatures(client, { products: run.products, marketTime: market_time })
      const gathered = await withTransaction(pool, (db) => read(db, { run, marketTime: market_time, features, budget }), {
        isolation: 'repeatable read',
      })
      await sampleEquity(pool, { run, snapshot: gathered.snapshot })
      return { ...gathered, model_deadline_ms: modelDeadlineMs }
    },
    saveDecision: (decision) =>
      withTransaction(pool, async (db) => {
        for (const block of decision.blocks) await recordBlock(db, block)
        await saveDecision(db, decision)
        if (decision.feedback_used.length === 0) return
        await markFeedbackProcessed(db, { feedbackIds: decision.feedback_used, processedBy: decision.id, marketTime: decision.market_time })
      }),
    async reportUnsavedDecision({ decision: { id, run_id, book, market_time, orders }, why }) {
      log(`${id} could not be saved, its orders (${orders.join(', ') || 'none'}) go on: ${why}`)
      await appendEvent(pool, {
        type: 'decision_failed',
        source: 'execution_agent',
        book,
        timestamp: market_time,
        payload: { decision_id: id, why, orders: [...orders] },
        run_id,
        correlation_id: id,
        idempotency_key: `decision_failed:${id}`,
      })
    },
  }
}

interface Moment {
  readonly run: Run
  readonly marketTime: number
  readonly features: readonly FeatureVector[]
  readonly budget: ModelBudget
}

async function read(db: Database, { run, marketTime, features, budget }: Moment): Promise<Omit<Gathered, 'model_deadline_ms'>> {
  const limits = defaultRiskLimits
  const feed = { market: run.market, timeframeMs: minuteMs }
  const risk = await readRisk(db, { run, marketTime, limits, features })
  const { gate, recent } = await decisionMemory(db, { runId: run.run_id, before: marketTime })
  const open = await openOrders(db, { runId: run.run_id })
  const prompt = await activePromptVersion(db)
  if (prompt === null) throw new Error('no prompt version is active; the judge agent makes the first one when it starts')
  const { version, mode, text, text_hash, policy } = prompt
  const snapshot: DecisionSnapshot = {
    run_id: run.run_id,
    book: run.book,
    market_time: marketTime,
    trading: risk.trading,
    products: run.products.map((product) => productView({ product, features, open, risk })),
    portfolio: risk.portfolio,
    preferences: await getPreferences(db),
    prompt: { version, mode, text, text_hash, policy },
    feedback: await pendingFeedback(db, 'execution'),
    limits: {
      min_notional: limits.min_notional,
      taker_fee_bps: defaultFillModel.takerFeeBps,
      stale_after_ms: limits.stale_after_ms ?? staleAfterMs(feed),
    },
    risk_metrics: riskMetricsOf(risk),
    recent_decisions: recent,
    model_budget_left_usd: budgetLeft({ ...budget, spentUsd: await spentOnModels(db, { since: dayOf(Date.now()) }) }),
  }
  return { snapshot, risk, limits, gate, feed }
}

function productView(options: {
  readonly product: string
  readonly features: readonly FeatureVector[]
  readonly open: readonly Order[]
  readonly risk: RiskSnapshot
}): ProductView {
  const { product, risk } = options
  const open = options.open.filter((order) => order.product === product)
  const buys = open.filter((order) => order.side === 'BUY')
  const sells = open.filter((order) => order.side === 'SELL' && order.state !== 'ARMED')
  const tick = risk.ticks[product] ?? null
  return {
    product,
    tick,
    features: options.features.find((vector) => vector.product === product) ?? null,
    stop_price: open.find((order) => order.type === 'stop')?.stop_price ?? null,
    take_profit: open.find((order) => order.type === 'take_profit')?.take_profit ?? null,
    open_buy_notional: toText(sum(buys.map((order) => remaining(order).times(order.limit_price ?? tick?.ask ?? '0')))),
    open_sell_quantity: toText(sum(sells.map(remaining))),
    entered_at: risk.entered_at[product] ?? null,
    last_order_at: risk.last_order_at[product] ?? null,
  }
}

const remaining = (order: Order) => decimal(order.quantity).minus(order.filled_quantity)

/** The ratios of the present portfolio; those of the equity curve are the judge's. */
function riskMetricsOf({ portfolio }: RiskSnapshot): DecisionSnapshot['risk_metrics'] {
  const { cash_ratio, max_position_concentration, leverage, num_positions } = measureRisk({ portfolio, equity: [], periodMs: minuteMs })
  return { cash_ratio, max_position_concentration, leverage, num_positions }
}

/** Equity is sampled at each nudge: the series behind every performance figure. */
async function sampleEquity(pool: Pool, { run, snapshot }: { run: Run; snapshot: DecisionSnapshot }): Promise<void> {
  const { equity, cash, scraped, position_value, realized_pnl, unrealized_pnl } = snapshot.portfolio
  const { run_id, book } = run
  const { market_time } = snapshot
  await saveEquitySample(pool, { run_id, book, market_time, equity, cash, scraped, position_value, realized_pnl, unrealized_pnl })
}
