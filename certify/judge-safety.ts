import fc from 'fast-check'
import { type HistoryCounts, judgeHistory, runHistory } from './support/judge-history.ts'
import { writeResult } from './support/result.ts'

// 10,000 random histories of the Judge's own rules: it stays alive, its changes stay bounded, nothing oscillates within the cool-down,
// a frozen prompt stays, a person's evaluations are no scores. Arguments: histories, seed.

const histories = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? 20180404)
const began = performance.now()
const counts: HistoryCounts = { evaluations: 0, refusals: 0, trials: 0, changes: {} }

const outcome = fc.check(
  fc.property(judgeHistory, (history) => runHistory(history, counts)),
  { numRuns: histories, seed },
)

writeResult({
  proof: 'judge-safety',
  seed,
  size: { histories: outcome.numRuns },
  seconds: Math.round((performance.now() - began) / 100) / 10,
  verdict: outcome.failed ? 'failed' : 'passed',
  detail: outcome.failed ? { counterexample: outcome.counterexample, error: String(outcome.errorInstance) } : counts,
})
