import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { differences } from '../../../../certify/support/paired-differences.ts'
import { promptTrial, type PromptTrial } from '../../contract/prompt-trial.ts'
import { pairReturns } from './paired-returns.ts'
import { advanceTrial, isTrialOver, proposeTrial, type TrialEvent } from './trial.ts'

const proposal = { trialId: 'trial-2', candidateVersion: 2, baselineVersion: 1, marketTime: 0, emergency: null }
const proposed = proposeTrial(proposal)
const shadowed = advanceTrial(proposed, { type: 'started', marketTime: 1 })
const emergency = proposeTrial({ ...proposal, emergency: 'overall score 31 is below 40' })

/** The trial after these differences, or when it is over or promoted. */
function fed(trial: PromptTrial, values: readonly number[]): PromptTrial {
  let now = trial
  for (const [index, difference] of values.entries()) {
    now = advanceTrial(now, { type: 'pair', pair: { market_time: 10 + index, difference } })
    if (now.status !== trial.status) return now
  }
  return now
}

describe('a trial', () => {
  it('waits for its shadow and counts no pair before', () => {
    expect(fed(proposed, [0.1, 0.2])).toEqual(proposed)
    expect(shadowed).toMatchObject({ status: 'shadow', changed_at: 1 })
  })

  it('of an emergency is promoted at once, with the rule as its reason', () => {
    expect(emergency).toMatchObject({ status: 'promoted', is_emergency: true, reason: 'overall score 31 is below 40' })
  })

  it('counts a pair once, however often it arrives', () => {
    const event: TrialEvent = { type: 'pair', pair: { market_time: 10, difference: 0.1 } }
    const once = advanceTrial(shadowed, event)
    expect(once.test.pairs).toBe(1)
    expect(advanceTrial(once, event)).toEqual(once)
  })

  it('is promoted by an edge, and the watch for its degradation starts from nothing', () => {
    const promoted = fed(
      shadowed,
      Array.from({ length: 2000 }, (_, index) => 0.001 + (index % 7) * 0.0001),
    )
    expect(promoted).toMatchObject({ status: 'promoted', test: { pairs: 0, log_better: 0 } })
    expect(promoted.reason).toMatch(/^better than its baseline: \d+ pairs, mean difference 12\.\d+ bps/)
    expect(
      fed(
        promoted,
        Array.from({ length: 2000 }, () => -0.001),
      ).status,
    ).toBe('rolled_back')
    expect(
      fed(
        promoted,
        Array.from({ length: 2000 }, () => 0.001),
      ).status,
    ).toBe('settled')
  })

  it('is rejected when worse, and when it cannot be told from its baseline in the time it has', () => {
    expect(
      fed(
        shadowed,
        Array.from({ length: 2000 }, () => -0.001),
      ),
    ).toMatchObject({ status: 'rejected' })
    const same = fed(
      shadowed,
      Array.from({ length: 5000 }, () => 0),
    )
    expect(same).toMatchObject({ status: 'rejected', test: { pairs: 4000 } })
    expect(same.reason).toContain('not shown to be better than its baseline: 4000 pairs, mean difference 0.000 bps')
  })

  it('withdrawn in shadow is rejected; withdrawn after promotion keeps what is active', () => {
    const withdrawn: TrialEvent = { type: 'withdrawn', marketTime: 9, reason: 'version 3 became active' }
    expect(advanceTrial(shadowed, withdrawn)).toMatchObject({ status: 'rejected', reason: 'version 3 became active' })
    expect(advanceTrial(emergency, withdrawn).status).toBe('settled')
  })

  it('is never undone once it is over, fits the contract always, and only ever moves forward', () => {
    const order = ['proposed', 'shadow', 'promoted', 'settled', 'rejected', 'rolled_back']
    const anyEvent: fc.Arbitrary<TrialEvent> = fc.oneof(
      { weight: 1, arbitrary: fc.record({ type: fc.constant('started' as const), marketTime: fc.nat() }) },
      {
        weight: 20,
        arbitrary: fc.record({
          type: fc.constant('pair' as const),
          pair: fc.record({ market_time: fc.nat(), difference: fc.double({ min: -0.1, max: 0.1, noNaN: true }) }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('withdrawn' as const), marketTime: fc.nat(), reason: fc.constant('x') }) },
    )
    const limits = { alpha: 0.5, minPairs: 3, maxShadowPairs: 30, maxWatchPairs: 30 }
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 120 }), (events) => {
        let trial = proposed
        for (const event of events) {
          const next = advanceTrial(trial, event, limits)
          expect(promptTrial.safeParse(next).success).toBe(true)
          if (isTrialOver(trial)) expect(next).toEqual(trial)
          expect(order.indexOf(next.status)).toBeGreaterThanOrEqual(order.indexOf(trial.status))
          trial = next
        }
      }),
    )
  })
})

describe('pairs of returns', () => {
  const points = (...equity: [number, string][]) => equity.map(([market_time, text]) => ({ market_time, equity: text }))

  it('are made where both books were sampled, over the same steps', () => {
    const candidate = points([0, '100'], [25, '101'], [50, '999'], [75, '102.01'])
    const baseline = points([0, '200'], [25, '200'], [75, '198'])
    expect(pairReturns({ candidate, baseline })).toEqual([
      { market_time: 25, difference: expect.closeTo(0.01, 12) },
      { market_time: 75, difference: expect.closeTo(0.02, 12) },
    ])
  })

  it('need two common times', () => {
    expect(pairReturns({ candidate: points([0, '1']), baseline: points([0, '1'], [1, '2']) })).toEqual([])
    expect(pairReturns({ candidate: points([0, '0'], [1, '1']), baseline: points([0, '1'], [1, '1']) })).toEqual([
      { market_time: 1, difference: 0 },
    ])
  })
})

// The full size and the shares are in certify/judge-promotion.ts; this keeps it from breaking unseen.
describe('promotion, small', () => {
  it.each(Object.entries(differences))('of %s differences is rare between equals', (_name, { draw }) => {
    const promoted = Array.from({ length: 60 }, (_, run) => fed(shadowed, draw(1, run, 2000)).status).filter(
      (status) => status === 'promoted',
    )
    expect(promoted.length).toBeLessThanOrEqual(6)
  })

  it('and rollback find a tenth of a standard deviation in most runs', () => {
    const draw = differences['normal']?.draw ?? (() => [])
    const better = Array.from(
      { length: 60 },
      (_, run) =>
        fed(
          shadowed,
          draw(2, run, 2000).map((value) => value + 0.1),
        ).status,
    )
    const worse = Array.from(
      { length: 60 },
      (_, run) =>
        fed(
          emergency,
          draw(3, run, 2000).map((value) => value - 0.1),
        ).status,
    )
    expect(better.filter((status) => status === 'promoted').length).toBeGreaterThanOrEqual(48)
    expect(worse.filter((status) => status === 'rolled_back').length).toBeGreaterThanOrEqual(48)
  })
})
