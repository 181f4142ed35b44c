import { randomUUID } from 'node:crypto'
import { preferencesPatch, setPreferencesResult } from '@trader/core/contract/agent-messages'
import { storedPreferences } from '@trader/core/contract/preferences'
import { setUserPreferencesUpdate } from '@trader/workflows/messages'
import { brokerAgentId } from '@trader/workflows/names'
import { z } from 'zod'
import { sendUpdate } from '../../workflow-update.ts'
import { idempotencyKey } from '../arguments.ts'
import { defineTool, Refusal } from '../tool.ts'

export const setUserPreferences = defineTool({
  name: 'set_user_preferences',
  title: 'Set user preferences',
  description:
    'Changes the named preferences (experience_level, risk_tolerance, trading_style, profit_scraping_percentage, position_size_comfort, cash_reserve_level, drawdown_tolerance, max_daily_loss, min_hold_minutes); the others stay. Use it when the user says how they want to trade.',
  input: z.strictObject({ preferences: preferencesPatch, idempotency_key: idempotencyKey }),
  output: z.object({
    status: z.literal('success'),
    message: z.string(),
    preferences_set: storedPreferences.describe('All preferences as they are now.'),
    changed: z.array(z.string()),
    ledger: z.enum(['applied', 'pending']),
  }),
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  scope: 'admin',
  primitive: 'update',
  async run({ temporal }, args) {
    const updateId = `preferences:${args.idempotency_key ?? randomUUID()}`
    const answer = await sendUpdate(temporal, {
      workflowId: brokerAgentId,
      update: setUserPreferencesUpdate,
      input: args.preferences,
      updateId,
    })
    const result = setPreferencesResult.parse(answer)
    if (!result.ok) return new Refusal(result.reason, result.detail, { problems: result.problems })
    const message = result.changed.length === 0 ? 'nothing changed' : `changed ${result.changed.join(', ')}`
    return { status: 'success' as const, message, preferences_set: result.preferences, changed: result.changed, ledger: result.ledger }
  },
})
