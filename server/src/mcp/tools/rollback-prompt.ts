import { randomUUID } from 'node:crypto'
import { rollbackPromptUpdate } from '@trader/workflows/messages'
import { judgeAgentId } from '@trader/workflows/names'
import { z } from 'zod'
import { sendUpdate } from '../../workflow-update.ts'
import { idempotencyKey, reason } from '../arguments.ts'
import { promptChange, promptChangeOutput } from '../change-prompt.ts'
import { defineTool } from '../tool.ts'

export const rollbackPrompt = defineTool({
  name: 'rollback_prompt',
  title: 'Go back to an earlier prompt',
  description:
    'Makes an earlier prompt version the active one again; the history keeps everything. Use it when a newer version trades worse, after get_prompt_history.',
  input: z.strictObject({ version: z.int().positive(), reason: reason.default('asked for by the user'), idempotency_key: idempotencyKey }),
  output: promptChangeOutput,
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  scope: 'admin',
  primitive: 'update',
  async run({ temporal }, { idempotency_key: key, version, reason }) {
    const updateId = `rollback:${key ?? randomUUID()}`
    const input = { version, reason, author: 'user' as const }
    return promptChange(await sendUpdate(temporal, { workflowId: judgeAgentId, update: rollbackPromptUpdate, input, updateId }))
  },
})
