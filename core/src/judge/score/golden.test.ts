import { describe, expect, it } from 'vitest'
import { evaluation, type DecisionAnalysis } from '../../contract/evaluation.ts'
import type { VenueFill } from '../../contract/fill.ts'
import { decimal, toText } from '../../money/decimal.ts'
import { fillId, orderId } from '../../order/order-id.ts'
import { consistencyScore } from './consistency-score.ts'
import { evaluate } from './evaluate.ts'
import type { JudgedDecision, JudgeWindow } from './judge-window.ts'
import { measureWindow } from './measure-window.ts'
import { gradeOf, overallScore } from './overall-score.ts'
import { returnsScore } from './returns-score.ts'
import { riskScore } from './risk-score.ts'
import { scoreTrendOf } from './score-trend.ts'
import { tradingQuality } from './trading-quality.ts'
import { windowQuality } from './window-quality.ts'

// The golden set: every formula of the evaluation, worked by hand. The arithmetic stands beside each case; docs/judge.md names them.

const hour = 3_600_000
const day = 24 * hour

describe('golden: returns', () => {
  it('1. nothing gained is 50 points: (0 + 1) x 50', () => {
    expect(returnsScore({ totalReturn: 0, spanMs: 30 * day })).toBe(50)
  })

  it('2. 1 % in a week: 1.01^(365/7) = e^(52.142857 x 0.00995033) = 1.680075, x 50 = 84.00', () => {
    expect(returnsScore({ totalReturn: 0.01, spanMs: 7 * day })).toBeCloseTo(84.0038, 3)
  })

  it('3. -5 % in 30 days: 0.95^(365/30) = e^(12.166667 x -0.05129329) = 0.535762, x 50 = 26.79', () => {
    expect(returnsScore({ totalReturn: -0.05, spanMs: 30 * day })).toBeCloseTo(26.788, 3)
  })

  it('4. -0.5 % in two hours counts as a day: 0.995^365 = e^(365 x -0.00501254) = 0.160481, x 50 = 8.02', () => {
    expect(returnsScore({ totalReturn: -0.005, spanMs: 2 * hour })).toBeCloseTo(8.0241, 3)
  })

  it('5. +10 % in 30 days is 219 % a year and more than 100 points can show; a total loss is 0', () => {
    expect(returnsScore({ totalReturn: 0.1, spanMs: 30 * day })).toBe(100)
    expect(returnsScore({ totalReturn: -1, spanMs: 30 * day })).toBe(0)
    expect(returnsScore({ totalReturn: null, spanMs: 30 * day })).toBeNull()
  })
})

describe('golden: risk', () => {
  it('6. 25 % drawdown, 40 % in one product, half in cash: 100 - 200 x 0.05 - 100 x 0.10 = 80', () => {
    expect(riskScore({ maxDrawdown: 0.25, concentration: 0.4, cashRatio: 0.5 })).toBeCloseTo(80, 10)
  })

  it('7. at the limits nothing is taken; 4 % cash costs 20, 81 % costs 15', () => {
    expect(riskScore({ maxDrawdown: 0.2, concentration: 0.3, cashRatio: 0.05 })).toBe(100)
    expect(riskScore({ maxDrawdown: 0, concentration: 0, cashRatio: 0.04 })).toBe(80)
    expect(riskScore({ maxDrawdown: 0, concentration: 0, cashRatio: 0.81 })).toBe(85)
  })

  it('8. 60 % drawdown, all in one product, no cash: 100 - 80 - 70 - 20 is below 0', () => {
    expect(riskScore({ maxDrawdown: 0.6, concentration: 1, cashRatio: 0 })).toBe(0)
  })
})

describe('golden: consistency', () => {
  it('9. returns 1, 2, 3, 2, 2 %: mean 2, deviations -1, 0, 1, 0, 0, variance 2/4, sd 0.707107; 100 - 50 x 0.353553 = 82.32', () => {
    expect(consistencyScore([0.01, 0.02, 0.03, 0.02, 0.02])).toBeCloseTo(82.3223, 4)
  })

  it('10. four trades, or a mean of nothing, say nothing: 50; scattered ones have 0', () => {
    expect(consistencyScore([0.01, 0.02, 0.03, 0.02])).toBe(50)
    expect(consistencyScore([0.5, -0.5, 0.25, -0.25, 0])).toBe(50)
    expect(consistencyScore([0.09, -0.06, 0.03, 0.05, -0.01])).toBe(0)
  })
})

describe('golden: quality', () => {
  it('11. 14 entries a day of sizes 1000, 1000, 2000: frequency 100 - 5 x 4 = 80; mean 1333.33, sd 577.35, sizing 100 - 43.30 = 56.70; 0.6 x 80 + 0.4 x 56.70 = 70.68', () => {
    const quality = tradingQuality({ entriesPerDay: 14, sizes: [1000, 1000, 2000] })
    expect(quality.frequency).toBe(80)
    expect(quality.sizing).toBeCloseTo(56.6987, 4)
    expect(quality.overall).toBeCloseTo(70.6795, 4)
  })

  it('12. one entry in twenty days: 100 - 200 x (0.1 - 0.05) = 90; a hundred a day: never below 20', () => {
    expect(tradingQuality({ entriesPerDay: 0.05, sizes: [10] })).toMatchObject({ frequency: 90, sizing: 100, overall: 94 })
    expect(tradingQuality({ entriesPerDay: 100, sizes: [10, 10] })).toMatchObject({ frequency: 20, overall: 52 })
  })

  it('13. 40 % wins, factor 0.8, reward to risk 1.2, 3 losses in a row, a quarter stopped: 50 + (20 - 15) + 0 + 4 - 8 - 6 = 45', () => {
    const record = { closedTrades: 10, winRate: 0.4, profitFactor: 0.8, rewardToRisk: 1.2, lossStreak: 3, stopShare: 0.25 }
    expect(windowQuality(record)).toBeCloseTo(45, 10)
  })

  it('13b. half won, factor 1.5, reward 0.25, 2 losses in a row, no stop: 50 + (25 - 15) + 12.5 - 10 (not -15) - 3 = 59.5', () => {
    const record = { closedTrades: 8, winRate: 0.5, profitFactor: 1.5, rewardToRisk: 0.25, lossStreak: 2, stopShare: 0.2 }
    expect(windowQuality(record)).toBeCloseTo(59.5, 10)
    expect(windowQuality({ ...record, lossStreak: 4, stopShare: 0.31 })).toBeCloseTo(59.5 + 3 - 8 - 10, 10)
  })

  it('14. no win, reward 0, 5 losses, all stopped: 50 + (0 - 15) + 0 - 10 - 15 - 10 = 0; no trade: 50; no loss: 50 + 15 + 25 + 20 is more than 100', () => {
    const lost = { closedTrades: 5, winRate: 0, profitFactor: 0, rewardToRisk: 0, lossStreak: 5, stopShare: 1 }
    expect(windowQuality(lost)).toBe(0)
    expect(windowQuality({ ...lost, closedTrades: 0, winRate: null })).toBe(50)
    expect(windowQuality({ ...lost, winRate: 1, profitFactor: null, rewardToRisk: null, lossStreak: 0, stopShare: 0 })).toBe(100)
  })
})

describe('golden: overall, grade, trend', () => {
  it('15. 80, 60, 70, 50: 24 + 15 + 17.5 + 10 = 66.5, a D', () => {
    const overall = overallScore({ returns: 80, risk_management: 60, decision_quality: 70, consistency: 50 })
    expect(overall).toBeCloseTo(66.5, 10)
    expect(gradeOf(overall)).toBe('D')
    expect([90, 89.9, 80, 70, 60, 59.9].map(gradeOf)).toEqual(['A', 'B', 'B', 'C', 'D', 'F'])
  })

  it('16. 50, 52, 60, 64, 68: first two 51, last three 64, +13 improving; -5 exactly is stable', () => {
    expect(scoreTrendOf([50, 52, 60, 64, 68])).toEqual({ trend: 'improving', avg_score: 58.8, evaluations_count: 5, improvement: 13 })
    expect(scoreTrendOf([60, 55]).trend).toBe('stable')
    expect(scoreTrendOf([60, 54.9]).trend).toBe('declining')
    expect(scoreTrendOf([60])).toEqual({ trend: 'stable', avg_score: 60, evaluations_count: 1, improvement: null })
  })
})

let number = 0
const fillOf = (side: 'BUY' | 'SELL', price: string, marketTime: number): VenueFill => {
  number += 1
  const order_id = orderId('golden', number)
  const common = { order_id, trade_id: '1', product: 'BTC-USD', side, quantity: '1', price, liquidity: 'taker' as const }
  return {
    ...common,
    fill_id: fillId({ orderId: order_id, tradeId: '1' }),
    notional: toText(decimal(price)),
    fee: '5',
    market_time: marketTime,
  }
}

const decisionOf = (index: number): JudgedDecision => ({
  id: `decision-${index}`,
  market_time: index * 12 * hour,
  action: 'HOLD',
  hold_reason: index % 2 === 0 ? 'MODEL_CHOSE_HOLD' : 'RISK_REFUSED',
  prompt_version: 1,
  orders: [],
  proposal: null,
  blocks: index % 2 === 0 ? [] : ['COST_GATE'],
  model_calls: 1,
})

// Five round trips of 1 BTC bought at 1000, each side with a fee of 5: results 90, -60, 30, 50, -10, together 100 on 10,000.
const exits = ['1100', '950', '1040', '1060', '1000']
const fills = exits.flatMap((exit, index) => [fillOf('BUY', '1000', index * day + 1), fillOf('SELL', exit, index * day + 2)])
const curve = [10_000, 10_090, 10_030, 10_060, 10_110, 10_100, 10_100, 10_100, 10_100, 10_100]
const window: JudgeWindow = {
  start: 0,
  end: 7 * day,
  periodMs: day,
  fills,
  // Nine steps of 7/9 of a day.
  equity: curve.map((value, index) => ({ market_time: (index * 7 * day) / 9, equity: String(value) })),
  portfolio: { positions: [], equity: '10100', cash: '10100' },
  decisions: Array.from({ length: 14 }, (_, index) => decisionOf(index)),
  orders: fills
    .filter(({ side }) => side === 'SELL')
    .map(({ order_id, side }, index) => ({ order_id, side, correlation_id: `decision-${index}`, type: index === 1 ? 'stop' : 'market' })),
  modelCalls: Array.from({ length: 14 }, () => ({ cost_usd: '0.01' })),
}
const analysis: DecisionAnalysis = {
  model: 'rubric',
  fallback_reason: null,
  decision_score: 71,
  timing_score: 60,
  notes: '',
  decision_reasons: [],
  timing_reasons: [],
  decisions: [],
  recommendations: ['Enter later.'],
  proposal: null,
  population: 14,
}
const header = {
  evaluation_id: 'evaluation-1',
  run_id: 'run-1',
  book: 'paper',
  market_time: 7 * day,
  recorded_at: 1,
  window_days: 7,
  cause: 'schedule' as const,
  forced: false,
  prompt_version: 1,
}

describe('golden: a whole window', () => {
  const facts = measureWindow(window)

  it('17. measures its trades: 3 of 5 won, factor 170/70, streak 1, a fifth stopped; 50 + 15 + 25 + 20 x (56.67/35 - 1) is above 100', () => {
    expect(facts.report).toMatchObject({ closed_trades: 5, win_rate: 0.6, expectancy: '20', fees: '50' })
    expect(facts.report.profit_factor).toBeCloseTo(170 / 70, 10)
    expect(facts.report.max_drawdown).toBeCloseTo(60 / 10_090, 10)
    expect(facts.tradeReturns).toEqual([0.09, -0.06, 0.03, 0.05, -0.01])
    expect(facts.windowQuality).toBe(100)
    expect(facts.activity).toEqual({
      decisions: 14,
      trade_decisions: 0,
      holds: { MODEL_CHOSE_HOLD: 7, RISK_REFUSED: 7 },
      blocks: { COST_GATE: 7 },
      entries: 5,
      entries_per_day: 5 / 7,
      average_entry: '1000',
      largest_entry: '1000',
      stop_exits: 1,
      loss_streak: 1,
      model_calls: 14,
      model_cost_usd: '0.14',
      max_position_concentration: 0,
      cash_ratio: 1,
    })
  })

  it('18. scores it: returns 84.0 (case 2), risk 100 - 15 = 85, quality 71, consistency 0: 25.2 + 21.25 + 17.75 + 0 = 64.2, a D', () => {
    const result = evaluate({ header, facts, analysis, earlierScores: [70, 72] })
    expect(evaluation.parse(result)).toEqual(result)
    expect(result).toMatchObject({
      status: 'scored',
      missing: [],
      overall_score: 64.2,
      component_scores: { returns: 84, risk_management: 85, decision_quality: 71, consistency: 0 },
      grade: 'D',
      // 70 against (72 + 64.2) / 2 = 68.1: -1.9.
      trend: 'stable',
      recommendations: ['Enter later.'],
    })
  })

  it('19. gives 50 points for decisions that nobody could look at: 64.2 - 0.25 x 21 = 58.95', () => {
    expect(evaluate({ header, facts, analysis: null, earlierScores: [] })).toMatchObject({
      overall_score: 59,
      grade: 'F',
      component_scores: { decision_quality: 50 },
    })
  })

  it('20. gives no score to too little, and says what is missing', () => {
    const short = measureWindow({
      ...window,
      fills: fills.slice(0, 4),
      equity: window.equity.slice(0, 1),
      decisions: window.decisions.slice(0, 3),
    })
    const result = evaluate({ header, facts: short, analysis: null, earlierScores: [50] })
    expect(evaluation.parse(result)).toEqual(result)
    expect(result).toMatchObject({ status: 'insufficient_evidence', overall_score: null, grade: null, trend: null, recommendations: [] })
    expect(result.missing).toEqual(['closed trades: 2 of 3', 'decisions: 3 of 10', 'equity samples: 1 of 10', 'minutes of equity: 0 of 60'])
  })

  it('21. counts no evaluation asked for by hand in its trend', () => {
    expect(evaluate({ header, facts, analysis, earlierScores: [90, 64.2] }).trend).toBe('declining')
    expect(evaluate({ header: { ...header, cause: 'manual' }, facts, analysis, earlierScores: [] }).trend).toBe('stable')
    expect(evaluate({ header: { ...header, cause: 'manual' }, facts, analysis, earlierScores: [90] }).trend).toBe('stable')
  })
})

describe('recommendations', () => {
  it('name the figure and the limit of each rule that applies, most urgent first', () => {
    const facts = measureWindow(window)
    const bad = {
      ...facts,
      report: { ...facts.report, max_drawdown: 0.3, profit_factor: 0.5 },
      activity: { ...facts.activity, max_position_concentration: 0.5, cash_ratio: 0.01, loss_streak: 6, entries_per_day: 12 },
      tradingQuality: { frequency: 100, sizing: 10, overall: 64 },
    }
    const { recommendations } = evaluate({ header, facts: bad, analysis: { ...analysis, decision_score: 30 }, earlierScores: [] })
    expect(recommendations).toEqual([
      'Reduce risk: the drawdown of 30.0 % is above 20 %.',
      'Spread positions: the largest is 50.0 % of equity, above 30 %.',
      'Keep more cash: 1.0 % is below 5 %.',
      'Trade only larger edges: losses exceed profits, profit factor 0.50.',
      'Wait after losses: 6 trades in a row lost.',
      'Trade less often: 12.0 entries a day, above 10.',
      'Size entries more alike: their sizing score is 10 of 100.',
      'Look at the sampled decisions: their quality is 30 of 100, below 40.',
      'Enter later.',
    ])
  })
})
