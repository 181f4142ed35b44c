import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { candlesOf, driftingCloses, portfolioOf, snapshotOf, viewOf } from '../../../test/support/decision-snapshot.ts'
import { decisionSnapshot, type DecisionSnapshot } from './decision-snapshot.ts'
import { emptyGate, evaluateGate, gateState, recordCall } from './gate.ts'
import { gateTable } from './gate-table.ts'
import { holdReasonOfGate } from './hold-reason.ts'

const view = viewOf(candlesOf(driftingCloses({ wobble: 0.001, drift: 0 })))
const snapshot = snapshotOf([view])
const called = recordCall({ snapshot, state: emptyGate, products: ['BTC-USD'], answered: true })

/** The same snapshot `afterMs` later with a price `factor` times as high. */
function later(afterMs: number, { factor = 1, ...changes }: { factor?: number } & Partial<DecisionSnapshot> = {}): DecisionSnapshot {
  const time = snapshot.market_time + afterMs
  const tick = view.tick && { ...view.tick, market_time: time - 1, price: (Number(view.tick.price) * factor).toFixed(4) }
  return { ...snapshot, market_time: time, products: [{ ...view, tick }], ...changes }
}
const reasonOf = (seen: DecisionSnapshot, state = called) => evaluateGate({ snapshot: seen, state })[0]

describe('gate', () => {
  it('reads a snapshot of the contract', () => {
    expect(decisionSnapshot.parse(snapshot)).toEqual(snapshot)
  })

  it('calls for a product it never saw', () => {
    expect(reasonOf(snapshot, emptyGate)).toEqual({ product: 'BTC-USD', is_open: true, reason: 'BOOTSTRAP', move_pct: null, age_ms: null })
  })

  it('stays shut below a move of 0.5 % and opens at it, up or down', () => {
    expect(reasonOf(later(25_000, { factor: 1.0049 }))).toMatchObject({ is_open: false, reason: 'PRICE_UNCHANGED', age_ms: 25_000 })
    expect(reasonOf(later(25_000, { factor: 1.005 }))).toMatchObject({ is_open: true, reason: 'PRICE_MOVE' })
    expect(reasonOf(later(25_000, { factor: 0.995 }))).toMatchObject({ is_open: true, reason: 'PRICE_MOVE' })
  })

  it('opens after 1800 s without an evaluation', () => {
    expect(reasonOf(later(1_799_999))).toMatchObject({ is_open: false })
    expect(reasonOf(later(1_800_000))).toMatchObject({ is_open: true, reason: 'STALE' })
  })

  it('opens for feedback, a new prompt version and changed preferences', () => {
    const message = {
      feedback_id: 'f-1',
      target: 'execution' as const,
      message: 'less risk',
      market_time: 0,
      recorded_at: 0,
      processed_by: null,
    }
    expect(reasonOf(later(1, { feedback: [message] }))).toMatchObject({ is_open: true, reason: 'FEEDBACK' })
    expect(reasonOf(later(1, { prompt: { ...snapshot.prompt, version: 2 } }))).toMatchObject({ is_open: true, reason: 'PROMPT_CHANGED' })
    expect(reasonOf(later(1, { preferences: { ...snapshot.preferences, version: 2 } }))).toMatchObject({ reason: 'PREFERENCES_CHANGED' })
  })

  it('opens near a stop, but not at every nudge', () => {
    const near = (afterMs: number) => {
      const seen = later(afterMs)
      const [product] = seen.products
      if (product === undefined) throw new Error('a product expected')
      return { ...seen, products: [{ ...product, stop_price: (Number(product.tick?.price) * 0.998).toFixed(2) }] }
    }
    expect(reasonOf(near(299_999))).toMatchObject({ is_open: false })
    expect(reasonOf(near(300_000))).toMatchObject({ is_open: true, reason: 'NEAR_EXIT' })
  })

  it('holds on missing or old prices and while halted', () => {
    expect(reasonOf({ ...snapshot, products: [{ ...view, tick: null }] })).toMatchObject({ is_open: false, reason: 'NO_MARKET_DATA' })
    expect(reasonOf({ ...snapshot, market_time: snapshot.market_time + 120_001 })).toMatchObject({
      is_open: false,
      reason: 'STALE_MARKET_DATA',
    })
    expect(reasonOf(later(1, { trading: 'halted' }))).toMatchObject({ is_open: false, reason: 'TRADING_HALTED' })
  })

  it('asks while paused only about what is held', () => {
    expect(reasonOf(later(1_800_000, { trading: 'paused' }))).toMatchObject({ is_open: false, reason: 'PAUSED_WITHOUT_POSITION' })
    const portfolio = portfolioOf({ cash: '9000', held: { product: 'BTC-USD', quantity: 0.1, price: 10_000 } })
    expect(reasonOf(later(1_800_000, { trading: 'paused', portfolio }))).toMatchObject({ is_open: true })
  })

  it('allows 60 calls in any hour and forgets older ones', () => {
    let state = emptyGate
    for (let call = 0; call < 60; call += 1) {
      const seen = later(call * 1000)
      expect(evaluateGate({ snapshot: seen, state })[0]?.is_open).toBe(true)
      state = recordCall({ snapshot: seen, state, products: ['BTC-USD'], answered: false })
    }
    expect(reasonOf(later(60_000), state)).toMatchObject({ is_open: false, reason: 'RATE_LIMIT' })
    expect(reasonOf(later(3_600_000), state)).toMatchObject({ is_open: true })
    const after = recordCall({ snapshot: later(7_200_000), state, products: ['BTC-USD'], answered: false })
    expect(after.products['BTC-USD']?.calls).toHaveLength(1)
  })

  it('tries again after a call without an answer', () => {
    const state = recordCall({ snapshot, state: emptyGate, products: ['BTC-USD'], answered: false })
    expect(reasonOf(later(25_000), state)).toMatchObject({ is_open: true, reason: 'BOOTSTRAP' })
  })

  it('never makes more calls than the limit and keeps a bounded, plain state', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 120_000 }), fc.double({ min: 0.9, max: 1.1, noNaN: true }), fc.boolean()), {
          maxLength: 150,
        }),
        (steps) => {
          let state = emptyGate
          let time = 0
          const calls: number[] = []
          for (const [afterMs, factor, answered] of steps) {
            time += afterMs
            const seen = later(time, { factor })
            if (evaluateGate({ snapshot: seen, state })[0]?.is_open !== true) continue
            calls.push(seen.market_time)
            state = gateState.parse(structuredClone(recordCall({ snapshot: seen, state, products: ['BTC-USD'], answered })))
          }
          expect(state.products['BTC-USD']?.calls.length ?? 0).toBeLessThanOrEqual(gateTable.maxCalls)
          for (const call of calls) {
            expect(calls.filter((other) => other <= call && other > call - gateTable.callWindowMs).length).toBeLessThanOrEqual(
              gateTable.maxCalls,
            )
          }
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('the hold reason of a shut gate', () => {
  const verdict = { product: 'BTC-USD', is_open: false, move_pct: null, age_ms: null }

  it('is none when a product is open, and names the case otherwise', () => {
    expect(
      holdReasonOfGate([
        { ...verdict, reason: 'RATE_LIMIT' },
        { ...verdict, is_open: true, reason: 'STALE' },
      ]),
    ).toBe(null)
    expect(holdReasonOfGate([])).toBe('NO_PRODUCTS')
    expect(holdReasonOfGate([{ ...verdict, reason: 'TRADING_HALTED' }])).toBe('TRADING_HALTED')
    expect(
      holdReasonOfGate([
        { ...verdict, reason: 'RATE_LIMIT' },
        { ...verdict, reason: 'PRICE_UNCHANGED' },
      ]),
    ).toBe('GATE_CLOSED')
    expect(holdReasonOfGate([{ ...verdict, reason: 'RATE_LIMIT' }])).toBe('GATE_RATE_LIMIT')
    expect(holdReasonOfGate([{ ...verdict, reason: 'PAUSED_WITHOUT_POSITION' }])).toBe('TRADING_PAUSED')
    expect(holdReasonOfGate([{ ...verdict, reason: 'STALE_MARKET_DATA' }])).toBe('NO_MARKET_DATA')
  })
})
