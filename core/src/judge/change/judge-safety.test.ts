import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { type HistoryCounts, judgeHistory, runHistory } from '../../../../certify/support/judge-history.ts'

// The full size is certify/judge-safety.ts; this keeps it from breaking unseen.
describe('the Judge over random histories, small', () => {
  it('stays alive, bounded and calm', () => {
    const counts: HistoryCounts = { evaluations: 0, refusals: 0, trials: 0, changes: {} }
    fc.assert(
      fc.property(judgeHistory, (history) => runHistory(history, counts)),
      { numRuns: 200, seed: 1 },
    )
    // The histories do reach what they are about.
    expect(counts.refusals).toBeGreaterThan(100)
    expect(counts.trials).toBeGreaterThan(50)
    for (const cause of ['emergency_conservative', 'risk_reduction', 'reactivation', 'promotion', 'rollback'] as const)
      expect(counts.changes[cause]).toBeGreaterThan(0)
  })
})
