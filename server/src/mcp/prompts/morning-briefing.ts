import { z } from 'zod'
import { definePrompt } from '../prompt.ts'

export const morningBriefing = definePrompt({
  name: 'morning_briefing',
  title: 'Market briefing',
  description: 'How the book stands, what was done since yesterday, and what to watch today.',
  arguments: z.strictObject({}),
  write: () => ({
    ask: `Brief me on my crypto trading book, in at most 250 words.

1. Equity, cash and open positions with their profit or loss, as they stand in the attached portfolio.
2. What was traded and decided last: call list_decisions and get_transaction_history, and name the decisions that mattered.
3. How the market moved: call get_feature_vector for each product.
4. What bounds trading today: the attached limits, and whether trading is on, paused or halted.
5. What I should watch or decide. Propose, and place nothing.

Use only figures from the records and the tools, with their market time. Say where one is missing or stale.`,
    attach: ['trader://portfolio', 'trader://risk/limits'],
  }),
})
