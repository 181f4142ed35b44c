import { z } from 'zod'
import { decimalText, id, sha256Hex, timestampMs } from './primitives.ts'

export const modelCallOutcome = z.enum([
  'ok',
  'repaired',
  'timeout',
  'rate_limited',
  'provider_error',
  'invalid_output',
  'too_long',
  'after_deadline',
  'over_budget',
])

/** One request to a model, with what it cost. The prompt is stored once, by its hash. */
export const modelCall = z.strictObject({
  call_id: id,
  agent: z.enum(['broker', 'execution', 'judge']),
  model: z.string(),
  prompt_hash: sha256Hex,
  prompt_version: z.int().positive().nullable(),
  reply: z.string().nullable(),
  outcome: modelCallOutcome,
  error: z.string().nullable(),
  tokens_in: z.int().min(0),
  tokens_out: z.int().min(0),
  cost_usd: decimalText,
  latency_ms: z.int().min(0),
  correlation_id: id,
  run_id: id.nullable(),
  market_time: timestampMs,
  recorded_at: timestampMs,
})
export type ModelCall = z.infer<typeof modelCall>
