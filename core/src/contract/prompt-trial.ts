import { z } from 'zod'
import { sequentialTest } from '../judge/trial/sequential-test.ts'
import { id, timestampMs } from './primitives.ts'

/**
 * `proposed`: waits for its shadow. `shadow`: decides on the same inputs with its own paper ledger. `promoted`: active, with the
 * version before it in shadow, until its watch is over (`settled`) or it got worse (`rolled_back`).
 */
export const trialStatus = z.enum(['proposed', 'shadow', 'promoted', 'settled', 'rejected', 'rolled_back'])
export type TrialStatus = z.infer<typeof trialStatus>

/** One prompt version on trial against the version that was active when it was proposed. */
export const promptTrial = z.strictObject({
  trial_id: id,
  candidate_version: z.int().positive(),
  baseline_version: z.int().positive(),
  status: trialStatus,
  /** Promoted at once by rule, before any test. */
  is_emergency: z.boolean(),
  proposed_at: timestampMs,
  /** Of the last change of status. */
  changed_at: timestampMs,
  /** Why it has this status, with the numbers that decided. */
  reason: z.string(),
  /** Candidate minus baseline since the shadow, or the promotion, began. */
  test: sequentialTest,
  /** Market time of the last pair counted: an earlier one is known already. */
  last_pair_at: timestampMs.nullable(),
})
export type PromptTrial = z.infer<typeof promptTrial>
