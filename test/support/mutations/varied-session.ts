import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { type SeededRandom, seededRandom } from '@trader/core/market/seeded-random'
import type { RiskLimits } from '@trader/core/risk/limits'
import type { Pool } from '@trader/server/database/pool'
import { getPositions } from '@trader/server/database/queries/get-positions'
import { listOrders } from '@trader/server/database/queries/list-orders'
import * as messages from '@trader/workflows/messages'
import * as names from '@trader/workflows/names'
import type { RecordedHistory } from '../../replay/recorded-history.ts'
import { driftingCloses } from '../decision-snapshot.ts'
import { type ScriptedAnswer, type ScriptedModel, scriptedModel, Trading } from '../trading.ts'

// A market and a model of all sorts, by chance: what a recorded history must have seen before it can tell a rule from another.

const products = ['BTC-USD', 'ETH-USD'] as const
const firstPrices: Readonly<Record<string, number>> = { 'BTC-USD': 10_000, 'ETH-USD': 400 }

export interface SessionOptions {
  readonly temporal: TestWorkflowEnvironment
  readonly pool: Pool
  readonly seed: number
  readonly decisions: number
}

/** The histories of a session of so many decisions: theirs, their orders', the ledger's and the agents'. */
export async function variedSession({ temporal, pool, seed, decisions }: SessionOptions): Promise<RecordedHistory[]> {
  const model = scriptedModel()
  const random = seededRandom(seed, 'varied session')
  let gathered = 0
  const drawnLimits = (limits: RiskLimits): RiskLimits => {
    gathered += 1
    const tight = Object.entries(tightLimits(random.uniform(2, gathered))).filter((_, at) => random.uniform(1, gathered, at) < 0.1)
    return Object.assign({}, limits, Object.fromEntries(tight))
  }
  const withLimits = async <Read extends { readonly limits: RiskLimits }>(read: Promise<Read>): Promise<Read> => {
    const known = await read
    return Object.assign({}, known, { limits: drawnLimits(known.limits) })
  }
  const trading = await Trading.start({
    temporal,
    pool,
    models: model,
    model: 'scripted',
    products: [...products],
    wrap: (activities) => ({
      ...activities,
      gather: (input) => withLimits(activities.gather(input)),
      gatherRisk: (input) => withLimits(activities.gatherRisk(input)),
    }),
  })
  try {
    const closes = driftingCloses({ wobble: 0.003, drift: 0.01 })
    await trading.history({ 'BTC-USD': closes, 'ETH-USD': closes.map((close) => close / 25) })
    const session = new Session({ trading, pool, model, random })
    for (let step = 0; step < decisions; step += 1) await session.step(step)
    return await histories(trading)
  } finally {
    await trading.stop()
  }
}

async function histories({ client, taskQueue }: Trading): Promise<RecordedHistory[]> {
  const recorded: RecordedHistory[] = []
  for await (const { workflowId, runId, taskQueue: queue } of client.workflow.list()) {
    if (queue === taskQueue)
      recorded.push({ workflow_id: workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() })
  }
  return recorded
}

interface World {
  readonly trading: Trading
  readonly pool: Pool
  readonly model: ScriptedModel
  readonly random: SeededRandom
}

/** Each binds somewhere, where it is drawn: a limit that never binds tells nothing of its rule. */
const tightLimits = (chance: number): Partial<RiskLimits> => ({
  max_position: 0.03,
  max_gross_exposure: 0.1,
  cash_reserve: 0.9,
  max_daily_loss: 0.0005,
  daily_risk_budget: 0.002,
  max_orders_per_day: 2,
  min_notional: '300',
  cool_down_seconds: 7200,
  duplicate_window_seconds: 7200,
  max_limit_deviation: 0.001,
  max_spread: chance < 0.5 ? 0.0001 : 0.0003,
  price_buffer: 0.05,
  cost_gate_buffer: 5,
  risk_atr_multiple: 20,
  stale_after_ms: 500,
})

const long = (length: number): string => 'all work and no play \u202e'.repeat(length).slice(0, length)
const replyOf = (decisions: readonly unknown[], summary: string): string => JSON.stringify({ decisions, summary })
const fenced = (text: string): string => `\`\`\`json\n${text}\n\`\`\``

const minuteMs = 60_000
/** Before a decision from a second to a day, so that cool-downs, stale prices, rate limits and days pass; after it, mostly a moment. */
const pauses = [1000, 20_000, minuteMs, 6 * minuteMs, 31 * minuteMs, 31 * minuteMs, 61 * minuteMs, 24 * 60 * minuteMs]
const moments = [1000, 1000, 1000, 3000, 6 * minuteMs]

class Session {
  readonly #world: World
  readonly #prices = new Map(Object.entries(firstPrices))
  #drawn = 0
  #isStopped = false

  constructor(world: World) {
    this.#world = world
  }

  async step(step: number): Promise<void> {
    const { trading, model, pool } = this.#world
    if (this.#isStopped && this.#chance(0.6)) await this.#setFlag('active')
    else if (step % 3 === 1) await this.#say(step)
    await this.#move(this.#pick(pauses))
    const positions = await getPositions(pool, trading.run.run_id)
    const held = new Set(positions.filter(({ quantity }) => quantity !== '0').map(({ product }) => product))
    model.script(this.#answer(held), this.#answer(held))
    await trading.decide()
    await this.#move(this.#pick(moments))
    if (step % 2 === 0) await this.#order(step)
    if (step % 5 === 3) await this.#crowd(step)
  }

  #draw(): number {
    this.#drawn += 1
    return this.#world.random.uniform(0, this.#drawn)
  }

  #pick<Value>(values: readonly Value[]): Value {
    const value = values[Math.floor(this.#draw() * values.length)]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }

  #chance(probability: number): boolean {
    return this.#draw() < probability
  }

  async #move(afterMs: number): Promise<void> {
    const { trading } = this.#world
    for (const [product, price] of this.#prices) {
      const largest = this.#chance(0.15) ? 0.06 : 0.004
      this.#prices.set(product, price * (1 + (this.#draw() * 2 - 1) * largest))
    }
    // Sometimes a product is silent, and its price grows old.
    const told = Array.from(this.#prices).filter(() => !this.#chance(0.1))
    await trading.tick(Object.fromEntries(told), afterMs)
    await trading.moveCursor()
  }

  #answer(held: ReadonlySet<string>): ScriptedAnswer {
    if (this.#chance(0.12)) {
      const wrong = [
        'let me think',
        `${'\u202e'.repeat(180)}{ is what I think of ${long(100)}`,
        JSON.stringify({ decisions: [], summary: '', [long(700)]: 1 }),
        long(400),
        `{"decisions": ${long(300)}`,
        '{"decisions": 7}',
        `{"decisions": [${'{},'.repeat(9)}{}], "summary": ""}`,
      ]
      return this.#pick([
        ...wrong,
        replyOf([this.#proposal('DOGE-USD', true)], 'unknown'),
        replyOf([this.#proposal('BTC-USD', true), this.#proposal('BTC-USD', true)], 'twice'),
      ])
    }
    if (this.#chance(0.04)) return { outcome: this.#pick(['provider_error', 'timeout'] as const), error: 'down' }
    const asked = this.#chance(0.7) ? products : [this.#pick(products)]
    const reply = replyOf(
      asked.map((product) => this.#proposal(product, held.has(product))),
      this.#pick(['by chance', long(2000)]),
    )
    return this.#chance(0.2) ? fenced(reply) : reply
  }

  /** Now and then none, which only a HOLD may, or two. */
  #size(action: string): { readonly fraction?: number; readonly notional?: string } {
    const fraction = this.#pick([0.01, 0.05, 0.1, 0.3, 0.9, 1])
    const notional = this.#pick(['5', '60', '400', '1500', '9000'])
    if (this.#chance(action === 'HOLD' ? 0.5 : 0.03)) return {}
    if (this.#chance(0.03)) return { fraction, notional }
    return this.#chance(0.5) ? { fraction } : { notional }
  }

  #proposal(product: string, isHeld: boolean): Readonly<Record<string, unknown>> {
    const price = this.#prices.get(product) ?? 1
    // What is not held is seldom sold.
    const action = this.#pick(isHeld ? ['BUY', 'BUY', 'SELL', 'SELL', 'HOLD'] : ['BUY', 'BUY', 'BUY', 'BUY', 'BUY', 'BUY', 'HOLD', 'SELL'])
    const near = (share: number): string => (price * (1 + (this.#draw() * 2 - 1) * share)).toFixed(2)
    const isLimit = this.#chance(0.3)
    return {
      product,
      action,
      ...this.#size(action),
      ...(isLimit && { order_type: 'limit', limit_price: near(0.03), time_in_force: this.#pick(['GTC', 'IOC', 'FOK']) }),
      ...(action === 'BUY' && this.#chance(0.5) && { stop_price: (price * this.#pick([0.9, 0.98, 0.995, 1.01])).toFixed(2) }),
      ...(action === 'BUY' && this.#chance(0.5) && { take_profit: (price * this.#pick([1.1, 1.02, 1.005, 0.99])).toFixed(2) }),
      confidence: this.#draw(),
      expected_edge_bps: this.#pick([-50, 90, 150, 400, 900, 900, 900, 2000]),
      reasoning: this.#pick(['by chance', long(2000), '\u202eecnahc yb', ' \ud800 half']),
      evidence: this.#pick([[], ['none'], [long(300), 'and more']]),
    }
  }

  /** What a person says meanwhile. */
  async #say(step: number): Promise<void> {
    const { trading } = this.#world
    switch (this.#pick(['preferences', 'feedback', 'flag', 'flag', 'prompt'])) {
      case 'preferences': {
        const change = {
          cash_reserve_level: this.#pick([0.05, 0.2, 0.6, 0.95]),
          min_hold_minutes: this.#pick([0, 45]),
          position_size_comfort: this.#pick([0.05, 0.3]),
          max_daily_loss: this.#pick([0.001, 0.03]),
        }
        return void (await trading.ask(names.brokerAgentId, messages.setUserPreferencesUpdate, change))
      }
      case 'feedback':
        return void (await trading.ask(names.executionAgentId, messages.addUserFeedbackUpdate, {
          message: this.#pick([`step ${step}: be careful`, `step ${step}: ${long(1900)}`]),
        }))
      case 'prompt': {
        const mode = this.#pick(['conservative', 'standard', 'aggressive', 'performance'] as const)
        return void (await trading.ask(names.judgeAgentId, messages.updateSystemPromptUpdate, {
          mode,
          reason: 'by chance',
          author: 'user',
        }))
      }
      default:
        return this.#setFlag(this.#pick(['paused', 'active', 'active', 'halted'] as const))
    }
  }

  async #setFlag(flag: 'active' | 'paused' | 'halted'): Promise<void> {
    this.#isStopped = flag !== 'active'
    const request = { flag, reason: 'by chance', by: 'user' }
    await this.#world.trading.ask(names.executionAgentId, messages.setTradingFlagUpdate, request)
  }

  /** What a person orders, or takes back. */
  async #order(step: number): Promise<void> {
    const { trading, pool } = this.#world
    const resting = await listOrders(pool, { states: ['WORKING', 'ARMED'] })
    const [first] = resting
    if (first !== undefined && this.#chance(0.4)) {
      return void (await trading.ask(first.workflow_id, messages.cancelOrderUpdate, { reason: 'by chance', market_time: trading.now }))
    }
    const one = this.#request()
    const others = [[], [], [this.#request()], [one], [this.#request(), this.#request()]]
    const requests = [one, ...this.#pick(others)]
    await this.#place(`varied-${step}`, requests)
    // The same again, at once, looks like a mistake.
    if (this.#chance(0.3)) await this.#place(`again-${step}`, requests)
  }

  /** A person's order: larger than the agent's, with exits, and nearer to what is not allowed. */
  #request(): Readonly<Record<string, unknown>> {
    const product = this.#pick(products)
    const proposal = this.#proposal(product, this.#chance(0.4))
    const { action, order_type: type = 'market', reasoning: _, evidence: __, confidence: ___, fraction: ____, ...rest } = proposal
    const notional = rest['notional'] ?? this.#pick(['150', '1200', '2600', '4100'])
    return { ...rest, notional, side: action === 'HOLD' ? 'BUY' : action, type }
  }

  #place(key: string, requests: readonly unknown[]): Promise<unknown> {
    const { trading } = this.#world
    return trading.client.workflow.execute('PlaceMockBatchWorkflow', {
      workflowId: names.batchId(names.manualOrigin(key)),
      taskQueue: trading.taskQueue,
      args: [{ run_id: trading.run.run_id, book: 'paper', idempotency_key: key, requests, wait_ms: 50 }],
    })
  }

  /** Many at once, so that they meet: also what is wrong, and what takes back what is just being placed. */
  async #crowd(step: number): Promise<void> {
    const { trading, pool } = this.#world
    const resting = await listOrders(pool, { states: ['WORKING', 'ARMED'] })
    const ledger = names.executionLedgerId('paper')
    const signals = [names.brokerAgentId, names.executionAgentId, names.judgeAgentId].flatMap((agent) => [
      trading.client.workflow.getHandle(agent).signal('add_user_feedback', { message: `crowd ${step}` }),
      trading.client.workflow.getHandle(agent).signal('set_user_preferences', { mood: step }),
    ])
    await Promise.allSettled([
      ...signals,
      ...resting.map((order) => trading.ask(order.workflow_id, messages.cancelOrderUpdate, { reason: 'crowd', market_time: trading.now })),
      this.#place(`crowd-${step}`, [this.#request()]),
      trading.ask(names.brokerAgentId, messages.setUserPreferencesUpdate, { min_hold_minutes: this.#pick([0, 30]) }),
      trading.ask(names.brokerAgentId, messages.setUserPreferencesUpdate, { profit_scraping_percentage: this.#pick([0, 50]) }),
      trading.ask(ledger, messages.setScrapeFractionUpdate, this.#pick([0, 0.5])),
      trading.ask(ledger, messages.reloadUpdate, null),
      trading.ask(names.judgeAgentId, messages.rollbackPromptUpdate, { version: 1, reason: 'crowd' }),
      trading.ask(names.executionAgentId, messages.addUserFeedbackUpdate, { message: long(2000) }),
    ])
  }
}
