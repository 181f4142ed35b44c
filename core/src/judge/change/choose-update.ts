import { z } from 'zod'
import type { Evaluation } from '../../contract/evaluation.ts'
import type { Preferences } from '../../contract/preferences.ts'
import type { PromptMode } from '../../contract/prompt-version.ts'
import type { PerformanceTrend } from '../prompt-template.ts'
import { feedbackWish } from './feedback-wish.ts'
import { boldestMode, bolderMode, carefulMode, modeSteps } from './mode-ladder.ts'
import { type TriggerLimits, triggerTable } from './trigger-table.ts'

/** Why the Judge wants another prompt, in the order in which it looks (reference-facts 4): the first that applies wins. */
export const promptUpdateType = z.enum([
  'emergency_conservative',
  'risk_reduction',
  'decision_improvement',
  'increase_aggressiveness',
  'user_feedback_update',
  'user_preferences_update',
  'reactivation',
])
export type PromptUpdateType = z.infer<typeof promptUpdateType>

export interface PromptUpdate {
  readonly type: PromptUpdateType
  /** The mode that the new version is to have: code's choice, never a model's. */
  readonly mode: PromptMode
  readonly trend: PerformanceTrend
  /** A sentence with the figures that decided. */
  readonly reason: string
}

export interface UpdateInput {
  readonly evaluation: Pick<Evaluation, 'status' | 'overall_score' | 'component_scores' | 'performance_report'>
  readonly mode: PromptMode
  readonly preferences: Preferences
  /** Preferences changed since the active version was made. */
  readonly hasNewPreferences: boolean
  /** What the user told the Judge and no evaluation used yet, oldest first. */
  readonly feedback: readonly string[]
  /** Since the last entry, or the last change of the prompt if that was later; ms of market time. */
  readonly idleMs: number
  readonly limits?: TriggerLimits
}

type Trigger = (input: UpdateInput & { readonly limits: TriggerLimits }) => PromptUpdate | null

const emergency: Trigger = ({ evaluation: { overall_score }, limits }) =>
  overall_score !== null && overall_score < limits.emergency_score
    ? {
        type: 'emergency_conservative',
        mode: 'conservative',
        trend: 'poor',
        reason: `overall score ${overall_score} is below ${limits.emergency_score}`,
      }
    : null

/** Needs no score: a fall is a fact after one trade. */
const riskReduction: Trigger = ({ evaluation, preferences, limits }) => {
  const drawdown = evaluation.performance_report?.max_drawdown ?? 0
  const most = Math.min(limits.drawdown, limits.drawdown_per_tolerance * preferences.drawdown_tolerance)
  if (drawdown <= most) return null
  return {
    type: 'risk_reduction',
    mode: 'conservative',
    trend: 'declining',
    reason: `drawdown ${percent(drawdown)} is above ${percent(most)}`,
  }
}

const improvedMode: Readonly<Record<PromptMode, PromptMode>> = {
  aggressive: 'standard',
  standard: 'performance',
  performance: 'performance',
  conservative: 'conservative',
}

const decisionImprovement: Trigger = ({ evaluation: { component_scores }, mode, limits }) =>
  component_scores !== null && component_scores.decision_quality < limits.decision_quality
    ? {
        type: 'decision_improvement',
        mode: improvedMode[mode],
        trend: 'declining',
        reason: `decision quality ${component_scores.decision_quality} is below ${limits.decision_quality}`,
      }
    : null

/** For users who want risk only: for others, little risk and little gain is what they asked for. */
const tooConservative: Trigger = ({ evaluation: { overall_score, performance_report }, mode, preferences, limits }) => {
  const [drawdown, gain] = [performance_report?.max_drawdown ?? null, performance_report?.total_return ?? null]
  if (boldestMode(preferences) !== 'aggressive' || mode === 'aggressive') return null
  if (overall_score === null || drawdown === null || gain === null) return null
  const calm = Math.min(limits.calm_drawdown, limits.calm_drawdown_per_tolerance * preferences.drawdown_tolerance)
  if (drawdown >= calm || gain >= limits.calm_return || overall_score <= limits.calm_score) return null
  return {
    type: 'increase_aggressiveness',
    mode: bolderMode(mode),
    trend: 'stable',
    reason: `drawdown ${percent(drawdown)} below ${percent(calm)}, return ${percent(gain)} below ${percent(limits.calm_return)}, overall score ${overall_score} above ${limits.calm_score}`,
  }
}

const userFeedback: Trigger = ({ feedback, mode, preferences }) => {
  if (feedback.length === 0) return null
  const wish = feedback.map(feedbackWish).findLast((each) => each !== 'unclear') ?? 'unclear'
  const isAllowed = modeSteps(bolderMode(mode), boldestMode(preferences)) >= 0
  const wished = { careful: carefulMode(mode), bold: isAllowed ? bolderMode(mode) : mode, unclear: mode }[wish]
  const asks = { careful: 'asks for less risk', bold: 'asks for more risk', unclear: 'asks for no other boldness' }[wish]
  return { type: 'user_feedback_update', mode: wished, trend: 'stable', reason: `the user ${asks}` }
}

const newPreferences: Trigger = ({ hasNewPreferences, preferences, mode }) =>
  hasNewPreferences
    ? {
        type: 'user_preferences_update',
        mode: modeSteps(mode, boldestMode(preferences)) < 0 ? carefulMode(mode) : mode,
        trend: 'stable',
        reason: 'the user changed preferences',
      }
    : null

/** Never disable everything: an agent that cannot act gives no evidence by which it could be allowed to again. */
const reactivation: Trigger = ({ idleMs, mode, preferences, limits }) =>
  idleMs >= limits.idle_ms && mode === 'conservative' && boldestMode(preferences) !== 'conservative'
    ? {
        type: 'reactivation',
        mode: bolderMode(mode),
        trend: 'stable',
        reason: `no entry for ${Math.floor(idleMs / 3_600_000)} hours in conservative mode`,
      }
    : null

const triggers: readonly Trigger[] = [
  emergency,
  riskReduction,
  decisionImprovement,
  tooConservative,
  userFeedback,
  newPreferences,
  reactivation,
]

/** The update that the first applicable trigger asks for; null where none does. */
export function chooseUpdate(input: UpdateInput): PromptUpdate | null {
  const limits = input.limits ?? triggerTable
  for (const trigger of triggers) {
    const update = trigger({ ...input, limits })
    if (update !== null) return update
  }
  return null
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toFixed(2))} %`
}
