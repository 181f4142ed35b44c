import { randomUUID } from 'node:crypto'
import { updateSystemPrompt as change } from '@trader/core/contract/prompt-messages'
import { updateSystemPromptUpdate } from '@trader/workflows/messages'
import { judgeAgentId } from '@trader/workflows/names'
import { sendUpdate } from '../../workflow-update.ts'
import { idempotencyKey, reason, text } from '../arguments.ts'
import { promptChange, promptChangeOutput } from '../change-prompt.ts'
import { defineTool } from '../tool.ts'

export const updateSystemPrompt = defineTool({
  name: 'update_system_prompt',
  title: "Change the execution agent's prompt",
  description:
    'Makes a new active prompt version: another mode, a changed policy inside the mode, or another text; what is left out stays. Use it only when the user asks to change how the agent decides.',
  input: change.pick({ mode: true, policy: true }).extend({ text: text(20_000).optional(), reason, idempotency_key: idempotencyKey }),
  output: promptChangeOutput,
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  scope: 'admin',
  primitive: 'update',
  async run({ temporal }, { idempotency_key: key, ...wanted }) {
    const updateId = `prompt:${key ?? randomUUID()}`
    const input = { ...wanted, author: 'user' as const }
    return promptChange(await sendUpdate(temporal, { workflowId: judgeAgentId, update: updateSystemPromptUpdate, input, updateId }))
  },
})
