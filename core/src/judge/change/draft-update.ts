import { textHash } from '../../agent/text-hash.ts'
import type { Preferences } from '../../contract/preferences.ts'
import type { Policy } from '../../contract/prompt-version.ts'
import { policyForMode, tighterPolicy } from '../policy.ts'
import { renderTemplate } from '../prompt-template.ts'
import type { PromptDraft } from '../propose-prompt.ts'
import { raisedToFloor } from './activity-floor.ts'
import type { ChangeLimits } from './change-table.ts'
import type { PromptUpdate } from './choose-update.ts'
import { modeSteps } from './mode-ladder.ts'

interface DraftInput {
  readonly update: PromptUpdate
  readonly active: Policy
  readonly preferences: Preferences
  readonly limits?: ChangeLimits
}

/**
 * The policy of an update, by code alone. An update that wants less risk never loosens a bound of the active policy; any mode's policy
 * is relative to the user's comfort, and every one stays above the activity floor.
 */
export function policyOfUpdate({ update, active, preferences, limits }: DraftInput): Policy {
  const base = baseOf({ update, active, preferences })
  const policy = wantsLessRisk(update, active) ? tighterPolicy(base, active) : base
  return raisedToFloor({ policy, preferences, ...(limits === undefined ? {} : { limits }) })
}

function wantsLessRisk({ type, mode }: PromptUpdate, active: Policy): boolean {
  const isByResults = type === 'emergency_conservative' || type === 'risk_reduction' || type === 'decision_improvement'
  return isByResults || modeSteps(active.mode, mode) < 0
}

function baseOf({ update, active, preferences }: Omit<DraftInput, 'limits'>): Policy {
  const { position_size_comfort: comfort, cash_reserve_level: reserve } = preferences
  const own = policyForMode(update.mode, preferences)
  // Reference-facts 4: 50 % of comfort and 1.5 x the reserve up to 30 %; 70 % and 1.3 x up to 25 %. A higher wish of the user stays.
  if (update.type === 'emergency_conservative')
    return {
      ...own,
      max_position: round(Math.min(0.15, 0.5 * comfort)),
      cash_reserve: round(Math.max(0.2, reserve, Math.min(0.3, 1.5 * reserve))),
    }
  if (update.type === 'risk_reduction')
    return {
      ...own,
      max_position: round(Math.min(0.15, 0.7 * comfort)),
      cash_reserve: round(Math.max(0.2, reserve, Math.min(0.25, 1.3 * reserve))),
    }
  return update.mode === active.mode && update.type !== 'user_preferences_update' ? active : own
}

/** The new version's policy and prose. `wording` is a model's checked advice. */
export function draftOf({
  update,
  policy,
  wording,
}: {
  readonly update: PromptUpdate
  readonly policy: Policy
  readonly wording: string | null
}): PromptDraft {
  const text = renderTemplate({ policy, trend: update.trend, ...(wording === null ? {} : { advice: wording }) })
  return { mode: policy.mode, policy, text, text_hash: textHash(text) }
}

function round(fraction: number): number {
  return Math.round(fraction * 10_000) / 10_000
}
