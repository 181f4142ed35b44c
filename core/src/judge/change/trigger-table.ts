import { z } from 'zod'
import { fraction } from '../../contract/primitives.ts'

/** When the Judge wants another prompt. Scores in points, drawdowns and returns as fractions, of the evaluated window. */
export const triggerLimits = z.strictObject({
  /** Overall score below which the conservative mode comes at once. */
  emergency_score: z.number().min(0).max(100).default(40),
  /** Drawdown above which risk is reduced at once, and the multiple of the user's tolerance: the tighter of both holds. */
  drawdown: fraction.default(0.2),
  drawdown_per_tolerance: z.number().positive().default(1.5),
  /** Decision quality below which decisions must improve. */
  decision_quality: z.number().min(0).max(100).default(40),
  /** Too careful: a drawdown below this (or this multiple of the tolerance, the smaller), a return below, a score above. */
  calm_drawdown: fraction.default(0.05),
  calm_drawdown_per_tolerance: z.number().positive().default(0.3),
  calm_return: fraction.default(0.02),
  calm_score: z.number().min(0).max(100).default(60),
  /** Without an entry for this long, a mode more careful than the user's is left by one step. */
  idle_ms: z.int().positive().default(86_400_000),
})
export type TriggerLimits = z.infer<typeof triggerLimits>

export const triggerTable: TriggerLimits = triggerLimits.parse({})
