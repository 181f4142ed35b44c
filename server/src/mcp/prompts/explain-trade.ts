import { id } from '@trader/core/contract/primitives'
import { z } from 'zod'
import { definePrompt } from '../prompt.ts'
import { completeDecision } from '../resources/completers.ts'

export const explainTrade = definePrompt({
  name: 'explain_trade',
  title: 'Explain a trade',
  description: 'Why something was or was not traded, from the whole recorded cause.',
  arguments: z.strictObject({ correlation_id: id.describe('Id of the decision, or of the origin of a manual order (manual-<key>).') }),
  complete: { correlation_id: completeDecision },
  write: ({ correlation_id: correlationId }) => ({
    ask: `Explain the trading decision ${correlationId} to somebody who was not there.

Tell in order: what the agent saw, what the gate said, what the model proposed and why, what risk refused or cut and by which number, which orders came of it, how they filled (price against the bid and ask seen, fee), and what it earned so far.
Keep apart what the model claimed (its own words) from what the records show. Where they disagree, say so.`,
    attach: [`trader://traces/${encodeURIComponent(correlationId)}`],
  }),
})
