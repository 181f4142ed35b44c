import { z } from 'zod'
import { fraction } from '../../contract/primitives.ts'

/** What bounds the Judge's own changes of the prompt. Times in ms of market time. */
export const changeLimits = z.strictObject({
  /** After any change, whoever made it, before the next; an emergency that only tightens does not wait. */
  cool_down_ms: z.int().min(0).default(14_400_000),
  /** In any 24 hours. */
  changes_per_day: z.int().min(0).default(4),
  /** In any 24 hours, beside the others. */
  emergencies_per_day: z.int().min(0).default(2),
  /** What must have been seen under the active version before it is changed by its results. */
  closed_trades: z.int().min(1).default(5),
  decisions: z.int().min(1).default(30),
  span_ms: z.int().min(0).default(3_600_000),
  /** The least activity that every policy leaves possible, as far as the user's own preferences do. */
  least_position: fraction.default(0.02),
  most_cash_reserve: fraction.default(0.6),
  most_min_edge_bps: z.number().min(0).default(400),
  most_policy_cool_down_seconds: z.int().min(0).default(14_400),
})
export type ChangeLimits = z.infer<typeof changeLimits>

export const changeTable: ChangeLimits = changeLimits.parse({})
