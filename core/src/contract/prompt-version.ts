import { z } from 'zod'
import { decimalText, fraction, id, sha256Hex, statistic, timestampMs } from './primitives.ts'

export const promptMode = z.enum(['conservative', 'standard', 'aggressive', 'performance'])
export type PromptMode = z.infer<typeof promptMode>

/** The part of a prompt version that code enforces, for every model. */
export const policy = z.strictObject({
  mode: promptMode,
  /** Of equity, in one product. */
  max_position: fraction,
  /** Of equity, kept in cash. */
  cash_reserve: fraction,
  /** Expected edge below this is not traded. */
  min_edge_bps: z.number().min(0).max(10_000),
  cool_down_seconds: z.int().min(0).max(86_400),
  preferred_rules: z.array(z.enum(['momentum', 'mean_reversion'])),
})
export type Policy = z.infer<typeof policy>

/** What a version did: its own decisions and what came of them, whichever version was active when they were closed. */
export const attribution = z.strictObject({
  decisions: z.int().min(0),
  orders: z.int().min(0),
  /** Closed trades of which this version bought the largest part. */
  closed_trades: z.int().min(0),
  /** Of what this version bought, net of both fees, and those fees. */
  realized_pnl: decimalText,
  fees: decimalText,
  /** Change of equity while it was active, open positions of others included; over all versions this is the whole change. */
  equity_change: decimalText,
  active_ms: z.int().min(0),
  /** Of equity while it was active. */
  max_drawdown: statistic,
  /** Mean overall score of its scheduled evaluations. */
  score: statistic,
})
export type Attribution = z.infer<typeof attribution>

export const promptVersion = z.strictObject({
  version: z.int().positive(),
  mode: promptMode,
  text: z.string(),
  text_hash: sha256Hex,
  policy,
  reason: z.string(),
  evidence: z.record(z.string(), z.json()),
  author: z.enum(['system', 'judge', 'user']),
  parent_version: z.int().positive().nullable(),
  created_at: timestampMs,
  is_active: z.boolean(),
  attribution: attribution.nullable(),
  created_by: id.nullable(),
})
export type PromptVersion = z.infer<typeof promptVersion>
