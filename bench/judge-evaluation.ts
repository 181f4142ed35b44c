import { promptText } from '@trader/core/agent/prompt-render'
import type { ProductDecision } from '@trader/core/contract/decision'
import type { VenueFill } from '@trader/core/contract/fill'
import { defaultPreferences } from '@trader/core/contract/preferences'
import { decideChange } from '@trader/core/judge/change/decide-change'
import { emptyMemory } from '@trader/core/judge/change/judge-memory'
import { firstPromptVersion } from '@trader/core/judge/first-prompt-version'
import { analysisInputOf } from '@trader/core/judge/analysis/analysis-input'
import { analysisPrompt } from '@trader/core/judge/analysis/analysis-prompt'
import { analysisOf } from '@trader/core/judge/analysis/analysis-reply'
import { pricePath } from '@trader/core/judge/analysis/price-path'
import { rubricAnalysis } from '@trader/core/judge/analysis/rubric'
import { evaluate } from '@trader/core/judge/score/evaluate'
import type { JudgedDecision, JudgeWindow } from '@trader/core/judge/score/judge-window'
import { measureWindow } from '@trader/core/judge/score/measure-window'
import { seededRandom } from '@trader/core/market/seeded-random'
import { decimal, toText } from '@trader/core/money/decimal'
import { fillId, orderId } from '@trader/core/order/order-id'
import { report, rounded, say } from './support/report.ts'

// One evaluation of 10,000 decisions, from the rows to the change it asks for: time and memory of our own code, and the size of the one
// prompt that a model would get. Rows of the database are there already: reading them is not measured.

const decisions = 10_000
const stepMs = 25_000
const rounds = 20
const products = ['BTC-USD', 'ETH-USD'] as const
const random = seededRandom(1, 'judge bench')
const end = decisions * stepMs

/** A walk of minutes; a decision in ten trades, and every other of those sells what the one before it bought. */
const paths = Object.fromEntries(
  products.map((product, stream) => {
    let price = stream === 0 ? 7000 : 400
    const minutes = Array.from({ length: Math.ceil(end / 60_000) + 60 }, (_, minute) => {
      price *= 1 + 0.0008 * random.gaussian(stream, minute)
      return { market_time: minute * 60_000, price }
    })
    return [product, pricePath(minutes)]
  }),
)

const isTrade = (index: number): boolean => index % 10 === 0
const sideOf = (index: number): 'BUY' | 'SELL' => (index % 20 === 0 ? 'BUY' : 'SELL')
const priceAt = (index: number): string => (paths['BTC-USD']?.prices[Math.floor((index * stepMs) / 60_000)] ?? 7000).toFixed(2)

function proposalOf(product: string, index: number): ProductDecision {
  const action = product === 'BTC-USD' && isTrade(index) ? sideOf(index) : 'HOLD'
  return {
    product,
    action,
    order_type: 'market',
    confidence: 0.6,
    expected_edge_bps: 100 + (index % 60),
    reasoning: `momentum: expects ${100 + (index % 60)} bps before costs; stop 180 bps, take-profit 320 bps away. `.repeat(4),
    evidence: ['EMA 12 above EMA 26', 'RSI 58', 'hourly volatility 62 bps', 'spread 2 bps'],
    ...(action === 'BUY'
      ? { fraction: 0.1, stop_price: (Number(priceAt(index)) * 0.982).toFixed(2), take_profit: (Number(priceAt(index)) * 1.032).toFixed(2) }
      : {}),
    ...(action === 'SELL' ? { fraction: 1 } : {}),
  }
}

function decisionOf(index: number): JudgedDecision {
  return {
    id: `decision-bench-${index}`,
    market_time: index * stepMs,
    action: isTrade(index) ? 'TRADE' : 'HOLD',
    hold_reason: isTrade(index) ? null : index % 7 === 0 ? 'RISK_REFUSED' : 'MODEL_CHOSE_HOLD',
    prompt_version: 1,
    orders: isTrade(index) ? [orderId('bench', index)] : [],
    proposal: { decisions: products.map((product) => proposalOf(product, index)), summary: 'a walk' },
    blocks: !isTrade(index) && index % 7 === 0 ? ['COST_GATE'] : [],
    model_calls: 1,
  }
}

function fillOf(index: number): VenueFill {
  const order_id = orderId('bench', index)
  const notional = decimal(priceAt(index)).times('0.1')
  const common = { order_id, trade_id: '1', product: 'BTC-USD', side: sideOf(index), quantity: '0.1', price: priceAt(index) }
  const money = { notional: toText(notional), fee: toText(notional.times('0.006').toDecimalPlaces(8)), liquidity: 'taker' as const }
  return { ...common, ...money, fill_id: fillId({ orderId: order_id, tradeId: '1' }), market_time: index * stepMs + 1000 }
}

const all = Array.from({ length: decisions }, (_, index) => index)
const rows: JudgeWindow = {
  start: 0,
  end,
  periodMs: 3_600_000,
  fills: all.filter(isTrade).map(fillOf),
  equity: all.map((index) => ({ market_time: index * stepMs, equity: (10_000 * (1 + 0.00005 * random.gaussian(9, index))).toFixed(2) })),
  portfolio: { positions: [], equity: '10000', cash: '10000' },
  decisions: all.map(decisionOf),
  orders: all.filter(isTrade).map((index) => ({
    order_id: orderId('bench', index),
    correlation_id: `decision-bench-${index}`,
    side: sideOf(index),
    type: 'market',
  })),
  modelCalls: all.map(() => ({ cost_usd: '0.002' })),
}
const active = firstPromptVersion(0)
const header = {
  evaluation_id: 'evaluation-bench',
  run_id: 'run-bench',
  book: 'paper',
  market_time: end,
  recorded_at: end,
  window_days: 7,
  cause: 'schedule' as const,
  forced: false,
  prompt_version: 1,
}

function evaluateOnce(seed: number) {
  const began = performance.now()
  const facts = measureWindow(rows)
  const measured = performance.now()
  const input = analysisInputOf({ facts, decisions: rows.decisions, prompt: active, paths, feedback: [], seed })
  const prompt = promptText(analysisPrompt(input))
  const sampled = performance.now()
  const analysis = analysisOf({ reply: rubricAnalysis(input), model: 'rubric', input, fallbackReason: null })
  const evaluation = evaluate({ header, facts, analysis, earlierScores: [60, 62, 58] })
  const change = decideChange({
    evaluation,
    window: { since: 0, spanMs: facts.spanMs },
    active,
    preferences: defaultPreferences,
    hasNewPreferences: false,
    feedback: [],
    idleMs: 0,
    memory: emptyMemory,
    trial: null,
    marketTime: end,
  })
  const done = performance.now()
  return {
    prompt,
    evaluation,
    change,
    ms: { measure: measured - began, sample: sampled - measured, judge: done - sampled, whole: done - began },
  }
}

const middle = (values: readonly number[]): number => rounded(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0)

say(`${decisions} decisions, ${rows.fills.length} fills, ${rows.equity.length} equity samples; ${rounds} rounds`)
evaluateOnce(0)
const heapBefore = process.memoryUsage().heapUsed
let heapMost = heapBefore
const made = Array.from({ length: rounds }, (_, round) => {
  const one = evaluateOnce(round + 1)
  heapMost = Math.max(heapMost, process.memoryUsage().heapUsed)
  return one
})
const [first] = made
if (first === undefined) throw new Error('nothing was evaluated')
const prompts = made.map(({ prompt }) => prompt.length)
report('judge-evaluation', {
  decisions,
  fills: rows.fills.length,
  status: first.evaluation.status,
  overall_score: first.evaluation.overall_score,
  change: first.change.outcome,
  median_ms: Object.fromEntries(
    (['measure', 'sample', 'judge', 'whole'] as const).map((part) => [part, middle(made.map(({ ms }) => ms[part]))]),
  ),
  slowest_ms: rounded(Math.max(...made.map(({ ms }) => ms.whole))),
  /** Above what the rows take; garbage of earlier rounds included. */
  heap_mb: rounded((heapMost - heapBefore) / 2 ** 20),
  /** One call for a whole evaluation. Four characters a token is the usual estimate for English and JSON. */
  analysis_prompt: { characters: middle(prompts), estimated_tokens_in: Math.round(middle(prompts) / 4), most_tokens_out: 2000 },
})
