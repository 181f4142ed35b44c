import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { candlesOf, driftingCloses, portfolioOf, snapshotOf, viewOf } from '../../../test/support/decision-snapshot.ts'
import type { Candle } from '../contract/candle.ts'
import { defaultPreferences } from '../contract/preferences.ts'
import type { PromptMode } from '../contract/prompt-version.ts'
import { policyForMode } from '../judge/policy.ts'
import type { DecisionSnapshot } from './decision-snapshot.ts'
import { emptyGate, evaluateGate } from './gate.ts'
import { offlineReply } from './offline-trader.ts'
import { parseDecision } from './parse-decision.ts'
import { boundProposal } from './policy-bounds.ts'
import { renderPrompt } from './prompt-render.ts'

/** The whole way from a snapshot to orders, as a decision goes it. */
function decide(snapshot: DecisionSnapshot, policy = snapshot.prompt.policy) {
  const verdicts = evaluateGate({ snapshot, state: emptyGate })
  const reply = offlineReply(renderPrompt({ snapshot, verdicts, policy }).messages[0]?.content ?? '') ?? ''
  const parsed = parseDecision(
    reply,
    verdicts.filter((verdict) => verdict.is_open).map((verdict) => verdict.product),
  )
  if (!parsed.ok) throw new Error(`${parsed.reason}: ${parsed.detail}`)
  return { reply, decision: parsed.value, ...boundProposal({ decision: parsed.value, snapshot, policy }) }
}
const ordersIn = (mode: PromptMode, snapshot: DecisionSnapshot) => decide(snapshot, policyForMode(mode, defaultPreferences)).orders
const seeing = (...candles: readonly (readonly Candle[])[]) => snapshotOf(candles.map((series) => viewOf(series)))

const trend = driftingCloses({ wobble: 0.002, drift: 0.03 })
const rising = seeing(candlesOf(trend))
const fall = [...driftingCloses({ wobble: 0.001, drift: -0.04 }), 9611]

describe('the offline trader', () => {
  it('buys a trend whose expected edge passes the policy, sized and with its exits', () => {
    const { orders, refusals, decision } = decide(rising)
    expect(refusals).toEqual([])
    expect(orders).toMatchObject([{ product: 'BTC-USD', side: 'BUY', type: 'market' }])
    expect(Number(orders[0]?.stop_price)).toBeLessThan(10_300)
    expect(Number(orders[0]?.take_profit)).toBeGreaterThan(10_300)
    expect(decision.decisions[0]?.reasoning).toContain('momentum')
  })

  it('buys a deep fall that has stopped', () => {
    expect(decide(seeing(candlesOf(fall))).decision.decisions[0]).toMatchObject({
      action: 'BUY',
      reasoning: expect.stringContaining('mean_reversion'),
    })
  })

  it('waits while the fall goes on', () => {
    expect(decide(seeing(candlesOf([...fall, 9600]))).orders).toEqual([])
  })

  it('gives no order at constant prices', () => {
    for (const mode of ['conservative', 'standard', 'aggressive'] as const)
      expect(ordersIn(mode, seeing(candlesOf(Array(121).fill(100))))).toEqual([])
  })

  it('gives different orders for the same candles in reverse', () => {
    const reversed = decide(seeing(candlesOf(trend.toReversed())))
    expect(reversed.orders).not.toEqual(decide(rising).orders)
  })

  it('gives different orders in the conservative, standard and aggressive modes', () => {
    const [careful, normal, bold] = (['conservative', 'standard', 'aggressive'] as const).map((mode) => ordersIn(mode, rising))
    expect(careful).toHaveLength(1)
    expect(new Set([careful, normal, bold].map((orders) => JSON.stringify(orders))).size).toBe(3)
    const fallen = seeing(candlesOf(fall))
    expect(ordersIn('conservative', fallen)).toEqual([])
    expect(ordersIn('standard', fallen)).toHaveLength(1)
  })

  it('takes less of a product that moves more', () => {
    const calm = decide(seeing(candlesOf(driftingCloses({ wobble: 0.003, drift: 0.08 })))).decision.decisions[0]
    const wild = decide(seeing(candlesOf(driftingCloses({ wobble: 0.006, drift: 0.08 })))).decision.decisions[0]
    expect(calm?.action).toBe('BUY')
    expect(wild?.fraction ?? 0).toBeLessThan(calm?.fraction ?? 0)
  })

  it('holds while it cools down or already holds', () => {
    const [view] = rising.products
    if (view === undefined) throw new Error('a product expected')
    const actionOf = (snapshot: DecisionSnapshot) => decide(snapshot).decision.decisions[0]?.action
    const portfolio = portfolioOf({ cash: '9000', held: { product: 'BTC-USD', quantity: 0.1, price: 10_300 } })
    expect(actionOf(snapshotOf([{ ...view, last_order_at: rising.market_time - 60_000 }]))).toBe('HOLD')
    expect(actionOf({ ...rising, portfolio })).toBe('HOLD')
  })

  it('sells everything when a trend breaks after an hour, not before', () => {
    const portfolio = portfolioOf({ cash: '9000', held: { product: 'BTC-USD', quantity: 0.1, price: 9700 } })
    const after = (minutes: number) => {
      const snapshot = seeing(candlesOf(driftingCloses({ wobble: 0.001, drift: -0.03 })))
      const products = snapshot.products.map((view) => ({ ...view, entered_at: snapshot.market_time - minutes * 60_000 }))
      return decide({ ...snapshot, products, portfolio }).orders
    }
    expect(after(59)).toEqual([])
    expect(after(60)).toMatchObject([{ side: 'SELL', quantity: '0.1' }])
  })

  it('sells when the horizon is over and nothing would buy again', () => {
    const portfolio = portfolioOf({ cash: '9000', held: { product: 'BTC-USD', quantity: 0.1, price: 10_000 } })
    const snapshot = seeing(candlesOf(driftingCloses({ wobble: 0.001, drift: 0 })))
    const products = snapshot.products.map((view) => ({ ...view, entered_at: snapshot.market_time - 360 * 60_000 }))
    expect(decide({ ...snapshot, products, portfolio }).orders).toMatchObject([{ side: 'SELL' }])
  })

  it('shares the free cash between products and leaves the reserve', () => {
    const snapshot = { ...seeing(candlesOf(trend), candlesOf(trend, 'ETH-USD')), portfolio: portfolioOf({ cash: '10000' }) }
    const tight = { ...snapshot.prompt.policy, cash_reserve: 0.75 }
    const { decision, refusals, cuts } = decide(snapshot, tight)
    expect(decision.decisions.map(({ action }) => action)).toEqual(['BUY', 'BUY'])
    expect([refusals, cuts]).toEqual([[], []])
  })

  it('says null to what is no decision prompt', () => {
    expect(offlineReply('hello')).toBe(null)
    expect(offlineReply('{"market_time":1}')).toBe(null)
  })

  it('always answers in the schema, inside the policy and the same way twice', () => {
    const steps = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 130 })
    const closes = fc.tuple(steps, fc.constantFrom(0.02, 1, 137, 1e7)).map(([moves, start]) => {
      let price: number = start
      return moves.map((bps) => (price = Math.max(0.01, price * (1 + bps / 10_000))))
    })
    fc.assert(
      fc.property(
        closes,
        fc.constantFrom<PromptMode>('conservative', 'standard', 'aggressive', 'performance'),
        fc.nat(500),
        (path, mode, minutes) => {
          const snapshot = seeing(candlesOf(path))
          const held = minutes % 2 === 0 ? undefined : { product: 'BTC-USD', quantity: 0.5, price: path.at(-1) ?? 1 }
          const portfolio = portfolioOf({ cash: '10000', ...(held === undefined ? {} : { held }) })
          const products = snapshot.products.map((view) => ({
            ...view,
            entered_at: held === undefined ? null : Math.max(0, snapshot.market_time - minutes * 60_000),
          }))
          const seen = { ...snapshot, products, portfolio }
          const policy = policyForMode(mode, defaultPreferences)
          const first = decide(seen, policy)
          expect(first.refusals).toEqual([])
          expect(first.cuts).toEqual([])
          expect(decide(structuredClone(seen), policy).reply).toBe(first.reply)
        },
      ),
      { numRuns: 200 },
    )
  })
})
