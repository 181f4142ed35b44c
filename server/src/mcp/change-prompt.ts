import { promptChangeResult, promptVersionRef, type PromptChangeResult } from '@trader/core/contract/prompt-messages'
import { z } from 'zod'
import { Refusal } from './tool.ts'

export const promptChangeOutput = z.object({
  version: promptVersionRef.describe('The version that is active now, in effect from the next decision.'),
  previous_version: z.int().positive(),
})

export function promptChange(answer: PromptChangeResult): z.input<typeof promptChangeOutput> | Refusal {
  const result = promptChangeResult.parse(answer)
  if (!result.ok) return new Refusal(result.reason, result.detail, { problems: result.problems })
  return { version: result.version, previous_version: result.previous_version }
}
