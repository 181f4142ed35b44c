import { promptVersion } from '@trader/core/contract/prompt-version'
import { z } from 'zod'
import { listPromptVersions } from '../../database/queries/list-prompt-versions.ts'
import { limit } from '../arguments.ts'
import { defineTool, readHints } from '../tool.ts'

export const getPromptHistory = defineTool({
  name: 'get_prompt_history',
  title: 'Prompt history',
  description:
    "The versions of the execution agent's prompt with text, policy, reason, evidence and author, newest first, and which one is active. Use it to explain how the agent evolved or before a rollback.",
  input: z.strictObject({ limit: limit(100, 10) }),
  output: z.object({ versions: z.array(promptVersion), current_version: z.int().positive().nullable(), count: z.int() }),
  hints: readHints,
  scope: 'read',
  primitive: 'ledger',
  async run({ pool }, args) {
    const versions = await listPromptVersions(pool)
    const current = versions.find(({ is_active }) => is_active)
    return { versions: versions.slice(0, args.limit), current_version: current?.version ?? null, count: versions.length }
  },
})
