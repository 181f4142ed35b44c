import { z } from 'zod'
import { definePrompt } from '../prompt.ts'

export const reviewPerformance = definePrompt({
  name: 'review_performance',
  title: 'Review performance',
  description: 'An honest review of the last days of trading, with what to change.',
  arguments: z.strictObject({
    window_days: z.coerce.number().positive().max(3650).default(30).describe('Days of market time to look back; default 30.'),
  }),
  write: ({ window_days: days }) => ({
    ask: `Review the trading of the last ${days} days of market time.

Call get_performance_metrics with window_days ${days}, get_risk_metrics, get_transaction_history and get_prompt_history.
1. Result after fees: realized and unrealized, drawdown, win rate, expectancy, fees as a share of the gross profit.
2. Where it came from: which products, which decisions, which prompt version.
3. Whether the sample is large enough to say anything. A null statistic or fewer than 30 closed trades is no evidence: say so.
4. At most three changes worth trying, each with the figure that speaks for it and the figure that would prove it wrong.
Change nothing yourself.`,
    attach: ['trader://portfolio'],
  }),
})
