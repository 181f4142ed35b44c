import type { Evaluation } from '../../contract/evaluation.ts'
import type { ChangeDecision } from './decide-change.ts'

/** What an evaluation says of the change it led to; null where no trigger applied. The draft's prose is kept with its version. */
export function changeRecord(decision: ChangeDecision): Evaluation['prompt_change'] {
  if (decision.outcome === 'none') return null
  const { type, mode, reason } = decision.update
  const wanted = { outcome: decision.outcome, update_type: type, mode, reason }
  if (decision.outcome === 'refused') return { ...wanted, refusal: decision.reason, detail: decision.detail }
  const { draft, change, note } = decision
  return { ...wanted, policy: draft.policy, text_hash: draft.text_hash, direction: change.direction, ...note }
}
