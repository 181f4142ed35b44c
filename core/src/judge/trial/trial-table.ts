/** When a trial ends. */
export interface TrialLimits {
  /** Probability at most of promoting a candidate that is not better, and of rejecting or rolling back one that is not worse. */
  readonly alpha: number
  /** No verdict before this many pairs: a scale must be known and a market seen. */
  readonly minPairs: number
  /** A shadow still undecided is rejected: what cannot be told from its baseline is no improvement. */
  readonly maxShadowPairs: number
  /** A promoted version still undecided is settled: its watch ends. */
  readonly maxWatchPairs: number
}

/** At 25 s a pair, 4,000 pairs are 28 hours. */
export const trialTable: TrialLimits = { alpha: 0.05, minPairs: 200, maxShadowPairs: 4_000, maxWatchPairs: 4_000 }
