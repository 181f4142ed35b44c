import type { PromptTrial } from '@trader/core/contract/prompt-trial'
import { advanceTrial, proposeTrial } from '@trader/core/judge/trial/trial'
import { trialTable } from '@trader/core/judge/trial/trial-table'
import { type Differences, differences } from './support/paired-differences.ts'
import { writeResult } from './support/result.ts'

// Promotion and rollback of prompt versions, decided by the trial itself over 1,000 runs of each kind of differences: equals are
// promoted in at most alpha of the runs; an edge of 0.1 standard deviations is promoted, and a loss of that size rolled back, in at
// least 80 % within 2,000 pairs. Arguments: runs, seed.

const runs = Number(process.argv[2] ?? 1000)
const seed = Number(process.argv[3] ?? 20180404)
const pairs = 2000
const edge = 0.1
const leastPower = 0.8
const began = performance.now()

const base = { trialId: 'trial', candidateVersion: 2, baselineVersion: 1, marketTime: 0 }
const shadow = advanceTrial(proposeTrial({ ...base, emergency: null }), { type: 'started', marketTime: 0 })
const watched = proposeTrial({ ...base, emergency: 'watched from its promotion on' })

/** Pairs until the trial has another status, and that status; null for as long as it is open. */
function verdictOf(trial: PromptTrial, values: readonly number[]): { status: string; pairs: number } | null {
  let now = trial
  for (const [index, difference] of values.entries()) {
    now = advanceTrial(now, { type: 'pair', pair: { market_time: index + 1, difference } })
    if (now.status !== trial.status) return { status: now.status, pairs: index + 1 }
  }
  return null
}

interface Share {
  readonly share: number
  /** Median of the pairs that the runs with this verdict took. */
  readonly median_pairs: number | null
}

function shareOf({ draw, shift, trial, status }: { draw: Differences; shift: number; trial: PromptTrial; status: string }): Share {
  const took = Array.from({ length: runs }, (_, run) =>
    verdictOf(
      trial,
      draw(seed, run, pairs).map((value) => value + shift),
    ),
  )
    .filter((verdict) => verdict?.status === status)
    .map((verdict) => verdict?.pairs ?? 0)
    .sort((a, b) => a - b)
  return { share: took.length / runs, median_pairs: took[Math.floor(took.length / 2)] ?? null }
}

const kinds = Object.entries(differences).map(([name, { promises, draw }]) => {
  const shares = {
    promoted_without_an_edge: shareOf({ draw, shift: 0, trial: shadow, status: 'promoted' }),
    rolled_back_without_a_loss: shareOf({ draw, shift: 0, trial: watched, status: 'rolled_back' }),
    promoted_with_the_edge: shareOf({ draw, shift: edge, trial: shadow, status: 'promoted' }),
    rolled_back_with_the_loss: shareOf({ draw, shift: -edge, trial: watched, status: 'rolled_back' }),
  }
  const isSafe = [shares.promoted_without_an_edge, shares.rolled_back_without_a_loss].every(({ share }) => share <= trialTable.alpha)
  const hasPower = shares.promoted_with_the_edge.share >= leastPower && shares.rolled_back_with_the_loss.share >= leastPower
  const holds = isSafe && (promises === 'no false promotion' || hasPower)
  process.stderr.write(`${holds ? 'holds' : 'FAILS'}: ${name} ${JSON.stringify(shares)}\n`)
  return { differences: name, promises, holds, shares }
})

writeResult({
  proof: 'judge-promotion',
  seed,
  size: { runs, pairs, kinds: kinds.length },
  seconds: Math.round((performance.now() - began) / 100) / 10,
  verdict: kinds.every(({ holds }) => holds) ? 'passed' : 'failed',
  detail: { alpha: trialTable.alpha, edge_in_standard_deviations: edge, least_power: leastPower, kinds },
})
