import { id } from '@trader/core/contract/primitives'
import { z } from 'zod'
import { definePrompt } from '../prompt.ts'
import { completeRun } from '../resources/completers.ts'

export const incidentReport = definePrompt({
  name: 'incident_report',
  title: 'Incident report',
  description: 'What went wrong in a run: a timeline, its effect on money, and what to do.',
  arguments: z.strictObject({ run_id: id.describe('The run; trader://portfolio names the newest.') }),
  complete: { run_id: completeRun },
  write: ({ run_id: runId }) => ({
    ask: `Write an incident report about run ${runId}.

Call list_decisions, list_orders and get_transaction_history with run_id "${runId}".
1. Timeline in market time: holds for lack of a model or of market data, refusals, halts and pauses, orders that failed or were cancelled, gaps between decisions longer than a minute.
2. Effect: on positions, cash and profit, in figures. If money was never at risk, say so.
3. Cause, as far as the records show it; what they do not show is unknown, not guessed.
4. What to do now, and what would have caught it earlier.`,
    attach: [`trader://runs/${encodeURIComponent(runId)}`],
  }),
})
