import { z } from 'zod'
import { agentRefusal } from './agent-messages.ts'
import { id } from './primitives.ts'
import { policy, promptMode, promptVersion } from './prompt-version.ts'
import { isStorable } from './storable.ts'

const reason = z.string().min(1).max(1000).refine(isStorable, 'must be text without NUL and broken characters')

/**
 * A change of the execution agent's prompt. What is left out stays; another mode starts from that mode's policy, and
 * without a text the prose is rendered anew for the new policy.
 */
export const updateSystemPrompt = z.strictObject({
  text: z.string().min(1).max(20_000).optional(),
  mode: promptMode.optional(),
  policy: policy.partial().optional(),
  reason,
  author: promptVersion.shape.author,
  evidence: z
    .record(z.string().max(64), z.json())
    .refine((evidence) => JSON.stringify(evidence).length <= 8_000, 'at most 8,000 characters of JSON')
    .refine(isStorable, 'must be text without NUL and broken characters')
    .optional(),
  /** The evaluation or request that led to it. */
  created_by: id.optional(),
})
export type UpdateSystemPrompt = z.infer<typeof updateSystemPrompt>

export const rollbackPrompt = z.strictObject({
  version: z.int().positive(),
  reason,
  author: promptVersion.shape.author.optional(),
})
export type RollbackPrompt = z.infer<typeof rollbackPrompt>

/** A prompt version without its prose, which Postgres keeps under `text_hash`. */
export const promptVersionRef = promptVersion.omit({ text: true, evidence: true, attribution: true })
export type PromptVersionRef = z.infer<typeof promptVersionRef>

/** `version` is active now, in effect from the next decision. */
export const promptChangeResult = z.union([
  z.strictObject({ ok: z.literal(true), version: promptVersionRef, previous_version: z.int().positive() }),
  agentRefusal,
])
export type PromptChangeResult = z.infer<typeof promptChangeResult>
