import type { WindowFacts } from './measure-window.ts'

/** What a window must hold before it is given a score. */
export interface EvidenceLimits {
  readonly closedTrades: number
  readonly decisions: number
  readonly equitySamples: number
  readonly spanMs: number
}

export const evidenceTable: EvidenceLimits = { closedTrades: 3, decisions: 10, equitySamples: 10, spanMs: 3_600_000 }

/** What is too little for a score, a sentence each; nothing where the evidence is enough. */
export function missingEvidence(facts: WindowFacts, limits: EvidenceLimits = evidenceTable): string[] {
  const minutes = (ms: number): number => Math.floor(ms / 60_000)
  const counts: readonly (readonly [string, number, number])[] = [
    ['closed trades', facts.report.closed_trades, limits.closedTrades],
    ['decisions', facts.activity.decisions, limits.decisions],
    ['equity samples', facts.equitySamples, limits.equitySamples],
    ['minutes of equity', minutes(facts.spanMs), minutes(limits.spanMs)],
  ]
  return counts.filter(([, found, needed]) => found < needed).map(([what, found, needed]) => `${what}: ${found} of ${needed}`)
}
