import type { PromptTrial, TrialStatus } from '../../contract/prompt-trial.ts'
import type { ReturnPair } from './paired-returns.ts'
import { addPair, emptyTest, testEvidenceOf, testVerdict } from './sequential-test.ts'
import { type TrialLimits, trialTable } from './trial-table.ts'

interface Proposal {
  readonly trialId: string
  readonly candidateVersion: number
  readonly baselineVersion: number
  readonly marketTime: number
  /** The sentence of the rule that skips the shadow; null for everything that must prove itself first. */
  readonly emergency: string | null
}

/** A new trial: of a proposal that waits for its shadow, or of an emergency that is in force at once and watched from now on. */
export function proposeTrial({ trialId, candidateVersion, baselineVersion, marketTime, emergency }: Proposal): PromptTrial {
  return {
    trial_id: trialId,
    candidate_version: candidateVersion,
    baseline_version: baselineVersion,
    status: emergency === null ? 'proposed' : 'promoted',
    is_emergency: emergency !== null,
    proposed_at: marketTime,
    changed_at: marketTime,
    reason: emergency ?? 'waits for its shadow',
    test: emptyTest,
    last_pair_at: null,
  }
}

export type TrialEvent =
  /** The shadow runs: pairs count from here. */
  | { readonly type: 'started'; readonly marketTime: number }
  | { readonly type: 'pair'; readonly pair: ReturnPair }
  /** Its ground is gone: another version became active, a person froze or rejected it, the run ended. */
  | { readonly type: 'withdrawn'; readonly marketTime: number; readonly reason: string }

/** Statuses after which nothing happens to a trial any more. */
export function isTrialOver({ status }: Pick<PromptTrial, 'status'>): boolean {
  return status === 'settled' || status === 'rejected' || status === 'rolled_back'
}

/**
 * The trial after an event. An event that its status does not wait for, and a pair it has counted, change nothing: events may arrive
 * twice. When the status becomes `promoted`, the candidate is to be activated; `rolled_back`: the baseline again.
 */
export function advanceTrial(trial: PromptTrial, event: TrialEvent, limits: TrialLimits = trialTable): PromptTrial {
  const { status } = trial
  if (isTrialOver(trial)) return trial
  if (event.type === 'started') return status === 'proposed' ? become(trial, 'shadow', event.marketTime, 'its shadow runs') : trial
  if (event.type === 'withdrawn') return become(trial, status === 'promoted' ? 'settled' : 'rejected', event.marketTime, event.reason)
  return status === 'proposed' || isKnown(trial, event.pair) ? trial : judged(counted(trial, event.pair), limits)
}

function isKnown({ last_pair_at, changed_at }: PromptTrial, { market_time }: ReturnPair): boolean {
  return market_time <= (last_pair_at ?? changed_at)
}

function counted(trial: PromptTrial, { market_time, difference }: ReturnPair): PromptTrial {
  return { ...trial, test: addPair(trial.test, difference), last_pair_at: market_time }
}

function judged(trial: PromptTrial, { alpha, minPairs, maxShadowPairs, maxWatchPairs }: TrialLimits): PromptTrial {
  const at = trial.last_pair_at ?? trial.changed_at
  const verdict = trial.test.pairs < minPairs ? 'open' : testVerdict(trial.test, alpha)
  const to = (status: TrialStatus, why: string): PromptTrial => become(trial, status, at, `${why} ${figures(trial)}`)
  if (trial.status === 'shadow') {
    if (verdict === 'better') return { ...to('promoted', 'better than its baseline:'), test: emptyTest }
    if (verdict === 'worse') return to('rejected', 'worse than its baseline:')
    return trial.test.pairs >= maxShadowPairs ? to('rejected', 'not shown to be better than its baseline:') : trial
  }
  if (verdict === 'worse') return to('rolled_back', 'worse than the version before it:')
  if (verdict === 'better') return to('settled', 'better than the version before it:')
  return trial.test.pairs >= maxWatchPairs ? to('settled', 'not worse than the version before it:') : trial
}

function become(trial: PromptTrial, status: TrialStatus, marketTime: number, reason: string): PromptTrial {
  return { ...trial, status, changed_at: marketTime, reason }
}

function figures({ test }: PromptTrial): string {
  const { pairs, mean, standard_deviation, better, worse } = testEvidenceOf(test)
  const bps = (value: number | null): string => (value === null ? 'unknown' : `${(value * 10_000).toFixed(3)} bps`)
  return `${pairs} pairs, mean difference ${bps(mean)}, standard deviation ${bps(standard_deviation)}, evidence ${better.toFixed(1)} for better and ${worse.toFixed(1)} for worse`
}
