import { textHash } from '../agent/text-hash.ts'
import { defaultPreferences } from '../contract/preferences.ts'
import type { PromptVersion } from '../contract/prompt-version.ts'
import { policyForMode } from './policy.ts'
import { renderTemplate } from './prompt-template.ts'

/** Version 1, active from the first decision of a new stack: the standard mode for default preferences. */
export function firstPromptVersion(createdAtMs: number): PromptVersion {
  const policy = policyForMode('standard', defaultPreferences)
  const text = renderTemplate({ policy, trend: 'stable' })
  return {
    version: 1,
    mode: 'standard',
    text,
    text_hash: textHash(text),
    policy,
    reason: 'initialization',
    evidence: {},
    author: 'system',
    parent_version: null,
    created_at: createdAtMs,
    is_active: true,
    attribution: null,
    created_by: null,
  }
}
