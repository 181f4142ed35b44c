import { z } from 'zod'
import { listPromptVersions } from '../../database/queries/list-prompt-versions.ts'
import { defineJsonResource, settledTtlMs } from '../resource.ts'
import { completeVersion } from './completers.ts'

export const executionPrompt = defineJsonResource({
  uri: 'trader://prompts/execution/{version}',
  name: 'execution-prompt',
  title: 'A version of the execution prompt',
  description: "One version of the execution agent's prompt: its text, the policy that code enforces, why it was made and by whom.",
  variables: z.strictObject({ version: z.coerce.number().int().positive() }),
  complete: { version: completeVersion },
  async read({ pool }, { version }) {
    const found = (await listPromptVersions(pool)).find((each) => each.version === version)
    if (found === undefined) return null
    // What a version is never changes; which one is active and what it earned do, and are get_prompt_history's.
    const { is_active: _active, attribution: _attribution, ...content } = found
    return { content, ttlMs: settledTtlMs }
  },
})
