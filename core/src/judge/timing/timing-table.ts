import { z } from 'zod'

/** When the Judge evaluates: every bound and rule of it. Times in ms of market time, returns as fractions, scores in points. */
export const timingLimits = z.strictObject({
  /** Before the first evaluation of a run. */
  startup_delay_ms: z.int().min(0).default(600_000),
  /** The ordinary distance between two, and the bounds of every other. */
  cadence_ms: z.int().positive().default(14_400_000),
  shortest_ms: z.int().positive().default(1_800_000),
  longest_ms: z.int().positive().default(86_400_000),
  /** Badly: a return since the last one, or a score, below these, or falling scores. Then half the distance. */
  bad_return: z.number().default(-0.01),
  bad_score: z.number().default(40),
  /** Well: a return and a score above these. Then half as long again. */
  good_return: z.number().default(0.005),
  good_score: z.number().default(70),
  /** So many closed trades without a profit since the last one bring the next forward. */
  early_losses: z.int().positive().default(3),
  /** Never two within this, whatever asks. */
  least_gap_ms: z.int().positive().default(600_000),
  /** One asked for by hand waits this long after the last, unless forced. */
  manual_cool_down_ms: z.int().positive().default(14_400_000),
  /** Forced ones: never two within this, and so many in any 24 hours. */
  forced_gap_ms: z.int().positive().default(300_000),
  forced_per_day: z.int().positive().default(12),
})
export type TimingLimits = z.infer<typeof timingLimits>

export const timingTable: TimingLimits = timingLimits.parse({})
