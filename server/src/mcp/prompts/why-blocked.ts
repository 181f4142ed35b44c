import { z } from 'zod'
import { definePrompt } from '../prompt.ts'

export const whyBlocked = definePrompt({
  name: 'why_blocked',
  title: 'Why was it blocked?',
  description: 'Which limits hold trading back, and whether they should.',
  arguments: z.strictObject({}),
  write: () => ({
    ask: `Find out what holds my agent back from trading.

Call list_decisions for the newest 50. Count the hold reasons and the refusals by their code; open the most telling ones with get_decision and quote the numbers that decided.
Compare them with the attached limits, policy and preferences: which one binds, and by how much.
Then judge each: is it protecting me, or is it set so tight that nothing can pass? Name the setting and the tool that would change it (set_user_preferences, update_system_prompt, resume_trading), and what I would risk. Change nothing yourself.`,
    attach: ['trader://risk/limits'],
  }),
})
