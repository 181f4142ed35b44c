import { cleanText } from '../agent/clean-text.ts'
import { textHash } from '../agent/text-hash.ts'
import type { AgentRefusal, FieldProblem } from '../contract/agent-messages.ts'
import type { Preferences } from '../contract/preferences.ts'
import type { PromptVersionRef, UpdateSystemPrompt } from '../contract/prompt-messages.ts'
import { type Policy, policy as policySchema, type PromptVersion } from '../contract/prompt-version.ts'
import { policyBreaches } from './policy-breaches.ts'
import { policyForMode } from './policy.ts'
import { renderTemplate } from './prompt-template.ts'

export type PromptDraft = Pick<PromptVersion, 'mode' | 'policy' | 'text' | 'text_hash'>
export type PromptProposal = { readonly ok: true; readonly draft: PromptDraft } | AgentRefusal

interface ProposeInput {
  readonly active: Pick<PromptVersionRef, 'mode' | 'policy' | 'text_hash'>
  readonly preferences: Preferences
  readonly change: Pick<UpdateSystemPrompt, 'text' | 'mode' | 'policy'>
}

/** The prompt version that a change asks for, inside the bounds of its mode; or why there is none. */
export function proposePrompt({ active, preferences, change }: ProposeInput): PromptProposal {
  const mode = change.mode ?? change.policy?.mode ?? active.mode
  const from = mode === active.mode ? active.policy : policyForMode(mode, preferences)
  const policy = policySchema.parse({ ...from, ...change.policy, mode })
  const text = change.text === undefined ? renderTemplate({ policy, trend: 'stable' }) : cleanText(change.text, 20_000)

  const problems = [
    ...contradictions(change),
    ...policyBreaches(policy),
    ...(text === '' ? [{ field: 'text', problem: 'has nothing to read' }] : []),
  ]
  if (problems.length > 0) return refusal('OUT_OF_BOUNDS', problems)
  const text_hash = textHash(text)
  if (text_hash === active.text_hash && isSamePolicy(policy, active.policy)) return refusal('NOTHING_TO_CHANGE', [])
  return { ok: true, draft: { mode, policy, text, text_hash } }
}

function contradictions({ mode, policy }: ProposeInput['change']): FieldProblem[] {
  if (mode === undefined || policy?.mode === undefined || policy.mode === mode) return []
  return [{ field: 'policy.mode', problem: `says ${policy.mode} where mode says ${mode}` }]
}

function refusal(reason: 'OUT_OF_BOUNDS' | 'NOTHING_TO_CHANGE', problems: FieldProblem[]): AgentRefusal {
  const detail =
    reason === 'OUT_OF_BOUNDS'
      ? problems.map(({ field, problem }) => `${field} ${problem}`).join('; ')
      : 'the active version says exactly this'
  return { ok: false, reason, detail, problems }
}

function isSamePolicy(policy: Policy, other: Policy): boolean {
  const { preferred_rules, ...bounds } = policy
  const { preferred_rules: otherRules, ...otherBounds } = other
  return (
    preferred_rules.join() === otherRules.join() &&
    Object.entries(bounds).every(([name, value]) => otherBounds[name as keyof typeof otherBounds] === value)
  )
}
