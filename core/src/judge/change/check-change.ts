import { z } from 'zod'
import type { Preferences } from '../../contract/preferences.ts'
import type { Policy } from '../../contract/prompt-version.ts'
import { policyBreaches } from '../policy-breaches.ts'
import { floorBreaches } from './activity-floor.ts'
import { type ChangeLimits, changeTable } from './change-table.ts'
import { changesOfDay, type JudgeMemory, lastChangeAt, type PromptChange } from './judge-memory.ts'
import { modeSteps } from './mode-ladder.ts'
import { policyDirection } from './policy-direction.ts'

/** Every reason for which an automatic change of the prompt does not happen. Closed. */
export const changeRefusal = z.enum([
  'FROZEN',
  'NOTHING_TO_CHANGE',
  'OUT_OF_BOUNDS',
  'ACTIVITY_FLOOR',
  'STEP_TOO_LARGE',
  'TRIAL_RUNNING',
  'TOO_MANY_CHANGES',
  'COOL_DOWN',
  'STALE_EVIDENCE',
  'TOO_LITTLE_EVIDENCE',
])
export type ChangeRefusal = z.infer<typeof changeRefusal>

/** What was seen under the active version. */
export interface ChangeEvidence {
  /** Start of the window, in market time. */
  readonly since: number
  readonly closedTrades: number
  readonly decisions: number
  readonly spanMs: number
}

export interface WantedChange {
  readonly cause: PromptChange['cause']
  readonly from: Policy
  readonly to: Policy
  /** The prose changes too, beyond what the policy's numbers change in it. */
  readonly hasNewWords: boolean
}

interface CheckInput {
  readonly change: WantedChange
  readonly memory: JudgeMemory
  readonly marketTime: number
  readonly preferences: Preferences
  readonly evidence: ChangeEvidence
  readonly limits?: ChangeLimits
}

export type CheckedChange = { readonly ok: true } | { readonly ok: false; readonly reason: ChangeRefusal; readonly detail: string }

/**
 * Whether the Judge may change the prompt now. The bounds of the mode hold always, so no change raises a risk cap. An emergency that only
 * tightens, and a rollback that only tightens, need not wait for the cool-down; nothing else may follow another change within it, so
 * what was tightened is never loosened within it.
 */
export function checkChange(input: CheckInput): CheckedChange {
  const limits = input.limits ?? changeTable
  for (const check of checks) {
    const refusal = check({ ...input, limits })
    if (refusal !== null) return { ok: false, ...refusal }
  }
  return { ok: true }
}

type Check = (input: CheckInput & { readonly limits: ChangeLimits }) => { readonly reason: ChangeRefusal; readonly detail: string } | null

const emergencies: ReadonlySet<PromptChange['cause']> = new Set(['emergency_conservative', 'risk_reduction'])
/** Their ground is the user's wish, the lack of evidence, or a test that counted its own. */
const needNoResults: ReadonlySet<PromptChange['cause']> = new Set([
  'user_feedback_update',
  'user_preferences_update',
  'reactivation',
  'promotion',
  'rollback',
])

const frozen: Check = ({ memory }) =>
  memory.frozen === null ? null : { reason: 'FROZEN', detail: `${memory.frozen.by} froze the prompt: ${memory.frozen.reason}` }

const nothing: Check = ({ change }) =>
  policyDirection(change) === 'same' && change.from.mode === change.to.mode && !change.hasNewWords
    ? { reason: 'NOTHING_TO_CHANGE', detail: `the active ${change.from.mode} policy is what the rule asks for` }
    : null

const bounds: Check = ({ change }) => {
  const [breach] = policyBreaches(change.to)
  return breach === undefined ? null : { reason: 'OUT_OF_BOUNDS', detail: `${breach.field} ${breach.problem}` }
}

const floor: Check = ({ change, preferences, limits }) => {
  const [breach] = floorBreaches({ policy: change.to, preferences, limits })
  return breach === undefined ? null : { reason: 'ACTIVITY_FLOOR', detail: `${breach.field} ${breach.problem}` }
}

/** Down at once in an emergency or a rollback; up by one step, always. */
const step: Check = ({ change: { cause, from, to } }) => {
  const steps = modeSteps(from.mode, to.mode)
  const isFree = steps < 0 && (emergencies.has(cause) || cause === 'rollback')
  return Math.abs(steps) <= 1 || isFree
    ? null
    : { reason: 'STEP_TOO_LARGE', detail: `from ${from.mode} to ${to.mode} is more than one step` }
}

const perDay: Check = ({ change, memory, marketTime, limits }) => {
  const isEmergency = emergencies.has(change.cause)
  const made = changesOfDay(memory, marketTime).filter(({ cause }) => emergencies.has(cause) === isEmergency).length
  const most = isEmergency ? limits.emergencies_per_day : limits.changes_per_day
  return made < most ? null : { reason: 'TOO_MANY_CHANGES', detail: `${made} of ${most} changes of this kind were made within 24 hours` }
}

const coolDown: Check = ({ change, memory, marketTime, limits }) => {
  const last = lastChangeAt(memory)
  if (last === null || marketTime - last >= limits.cool_down_ms || mayHurry(change)) return null
  const minutes = (ms: number): number => Math.ceil(ms / 60_000)
  return {
    reason: 'COOL_DOWN',
    detail: `${minutes(limits.cool_down_ms - (marketTime - last))} of ${minutes(limits.cool_down_ms)} minutes left since the last change`,
  }
}

/** Only towards care: what hurries can never undo what was tightened. */
function mayHurry(change: WantedChange): boolean {
  return (emergencies.has(change.cause) || change.cause === 'rollback') && policyDirection(change) === 'tighter'
}

const fresh: Check = ({ change, memory, evidence }) => {
  const last = lastChangeAt(memory)
  if (needNoResults.has(change.cause) || last === null || evidence.since >= last) return null
  return { reason: 'STALE_EVIDENCE', detail: 'the window began before the last change of the prompt' }
}

const enough: Check = ({ change, evidence, limits }) => {
  if (needNoResults.has(change.cause) || emergencies.has(change.cause)) return null
  const counts: readonly (readonly [string, number, number])[] = [
    ['closed trades', evidence.closedTrades, limits.closed_trades],
    ['decisions', evidence.decisions, limits.decisions],
    ['minutes', Math.floor(evidence.spanMs / 60_000), Math.floor(limits.span_ms / 60_000)],
  ]
  const missing = counts.filter(([, found, needed]) => found < needed).map(([what, found, needed]) => `${what}: ${found} of ${needed}`)
  return missing.length === 0 ? null : { reason: 'TOO_LITTLE_EVIDENCE', detail: missing.join('; ') }
}

const checks: readonly Check[] = [frozen, nothing, bounds, floor, step, perDay, coolDown, fresh, enough]
