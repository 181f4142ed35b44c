import type { Evaluation } from '../../contract/evaluation.ts'
import type { Preferences } from '../../contract/preferences.ts'
import type { PromptTrial } from '../../contract/prompt-trial.ts'
import type { PromptVersionRef } from '../../contract/prompt-messages.ts'
import type { PromptDraft } from '../propose-prompt.ts'
import { isTrialOver } from '../trial/trial.ts'
import { type ChangeLimits, changeTable } from './change-table.ts'
import { type ChangeRefusal, checkChange, type WantedChange } from './check-change.ts'
import { checkProposal } from './check-proposal.ts'
import { chooseUpdate, type PromptUpdate } from './choose-update.ts'
import { draftOf, policyOfUpdate } from './draft-update.ts'
import type { JudgeMemory, PromptChange } from './judge-memory.ts'
import { policyDirection } from './policy-direction.ts'
import { type TriggerLimits, triggerTable } from './trigger-table.ts'

export interface ChangeInput {
  readonly evaluation: Pick<
    Evaluation,
    'status' | 'overall_score' | 'component_scores' | 'performance_report' | 'decision_analysis' | 'activity'
  >
  /** Start of the evaluated window and the time of its equity, as in `measureWindow`. */
  readonly window: { readonly since: number; readonly spanMs: number }
  readonly active: Pick<PromptVersionRef, 'mode' | 'policy' | 'text_hash'>
  readonly preferences: Preferences
  readonly hasNewPreferences: boolean
  readonly feedback: readonly string[]
  readonly idleMs: number
  readonly memory: JudgeMemory
  /** The newest trial; null where there was none. */
  readonly trial: Pick<PromptTrial, 'status'> | null
  readonly marketTime: number
  readonly limits?: { readonly change?: ChangeLimits; readonly triggers?: TriggerLimits }
}

/** What became of a model's proposal on the way. */
interface ProposalNote {
  readonly proposal: 'none' | 'used' | 'refused'
  /** Why it was refused, or what it was for. */
  readonly proposal_detail: string | null
}

export type ChangeDecision =
  /** No trigger applies. */
  | { readonly outcome: 'none' }
  | { readonly outcome: 'refused'; readonly update: PromptUpdate; readonly reason: ChangeRefusal; readonly detail: string }
  /** `activate`: in force from the next decision, by rule; a trial under way is withdrawn. `shadow`: it must prove itself first. */
  | {
      readonly outcome: 'activate' | 'shadow'
      readonly update: PromptUpdate
      readonly draft: PromptDraft
      /** What to remember once it is active. */
      readonly change: PromptChange
      readonly note: ProposalNote
    }

/** Which prompt the Judge wants after an evaluation, whether it may have it, and whether it must prove itself first. Code decides all. */
export function decideChange(input: ChangeInput): ChangeDecision {
  const { evaluation, active, preferences, memory, marketTime, limits } = input
  const { hasNewPreferences, feedback } = input
  // Standstill that a person chose is theirs to end.
  const idleMs = memory.changes.at(-1)?.cause === 'person' ? 0 : input.idleMs
  const triggers = limits?.triggers ?? triggerTable
  const update = chooseUpdate({ evaluation, mode: active.mode, preferences, hasNewPreferences, feedback, idleMs, limits: triggers })
  if (update === null) return { outcome: 'none' }
  const change = limits?.change ?? changeTable
  const chosen = policyOfUpdate({ update, active: active.policy, preferences, limits: change })
  const { policy, wording, note } = withProposal({ update, policy: chosen, proposal: evaluation.decision_analysis?.proposal ?? null })
  const draft = draftOf({ update, policy, wording })
  const wanted: WantedChange = { cause: update.type, from: active.policy, to: policy, hasNewWords: wording !== null }
  const evidence = {
    ...input.window,
    closedTrades: evaluation.performance_report?.closed_trades ?? 0,
    decisions: evaluation.activity.decisions,
  }
  const checked = checkChange({ change: wanted, memory, marketTime, preferences, evidence, limits: change })
  if (!checked.ok) return { outcome: 'refused', update, reason: checked.reason, detail: checked.detail }
  const outcome = isAtOnce(wanted) ? 'activate' : 'shadow'
  if (outcome === 'shadow' && input.trial !== null && !isTrialOver(input.trial))
    return { outcome: 'refused', update, reason: 'TRIAL_RUNNING', detail: `a trial is ${input.trial.status}` }
  return {
    outcome,
    update,
    draft,
    change: {
      market_time: marketTime,
      cause: update.type,
      from_mode: active.mode,
      to_mode: policy.mode,
      direction: policyDirection(wanted),
    },
    note,
  }
}

/** An emergency, a user's wish for less risk, and the way out of standstill are rules; everything else must prove itself. */
function isAtOnce({ cause, from, to }: WantedChange): boolean {
  if (cause === 'emergency_conservative' || cause === 'risk_reduction' || cause === 'reactivation') return true
  const isWish = cause === 'user_feedback_update' || cause === 'user_preferences_update'
  return isWish && policyDirection({ from, to }) === 'tighter'
}

/** Emergencies and standstill are no time for advice. */
function withProposal({
  update,
  policy,
  proposal,
}: {
  update: PromptUpdate
  policy: PromptDraft['policy']
  proposal: Parameters<typeof checkProposal>[0]
}) {
  const without = (note: ProposalNote) => ({ policy, wording: null, note })
  const takesAdvice =
    update.type === 'decision_improvement' || update.type === 'increase_aggressiveness' || update.type === 'user_feedback_update'
  if (proposal === null || !takesAdvice) return without({ proposal: 'none', proposal_detail: null })
  const checked = checkProposal(proposal, policy)
  if (!checked.ok) return without({ proposal: 'refused', proposal_detail: `${checked.reason}: ${checked.detail}` })
  return { policy: checked.policy, wording: checked.wording, note: { proposal: 'used' as const, proposal_detail: checked.reason } }
}
