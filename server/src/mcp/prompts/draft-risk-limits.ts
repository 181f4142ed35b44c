import { z } from 'zod'
import { definePrompt } from '../prompt.ts'
import { starting } from '../resources/completers.ts'

const styles = ['conservative', 'balanced', 'aggressive'] as const

export const draftRiskLimits = definePrompt({
  name: 'draft_risk_limits',
  title: 'Draft risk limits',
  description: 'A proposal of preferences and policy for a style, set against what holds now.',
  arguments: z.strictObject({ style: z.enum(styles).describe('conservative, balanced or aggressive') }),
  complete: { style: (_, start) => Promise.resolve(starting(styles, start)) },
  write: ({ style }) => ({
    ask: `Draft risk settings for a ${style} style of trading my book.

Answer a table: setting, value now (from the attached limits), proposed value, what it means in money for the attached portfolio, and why.
Cover position size, cash reserve, daily loss, minimum edge against the cost of a round trip, cool-down, and how much profit is set aside.
Hard limits cannot be raised; preferences only tighten, and more risk needs a new prompt version (update_system_prompt), which I decide on. End with the exact tool calls that would apply it, and make none of them.`,
    attach: ['trader://portfolio', 'trader://risk/limits'],
  }),
})
