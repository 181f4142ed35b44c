import { z } from 'zod'
import { book, id, sha256Hex, timestampMs } from './primitives.ts'

export const marketKind = z.enum(['simulated', 'replay', 'coinbase', 'ccxt'])
export type MarketKind = z.infer<typeof marketKind>

/** What a run is: a start with the same value resumes it, any other opens a new one. */
export const runIdentity = z.strictObject({
  market: marketKind,
  file_hashes: z.array(sha256Hex),
  products: z.array(z.string()).min(1),
  seed: z.int(),
  book,
})
export type RunIdentity = z.infer<typeof runIdentity>

export const run = runIdentity.extend({
  run_id: id,
  status: z.enum(['open', 'finished']),
  started_at: timestampMs,
  finished_at: timestampMs.nullable(),
  /** Market time up to which ticks were delivered; null before the first. */
  cursor: timestampMs.nullable(),
})
export type Run = z.infer<typeof run>
