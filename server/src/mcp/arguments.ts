import { steersReader } from '@trader/core/agent/clean-text'
import { id, productId } from '@trader/core/contract/primitives'
import { isStorable } from '@trader/core/contract/storable'
import { z } from 'zod'

/** Arguments that several tools share. */
export const runId = id.optional().describe('The run to look at; default: the newest.')

export const product = productId.describe('A product such as BTC-USD; BTC/USD is accepted.')

export const limit = (most: number, byDefault: number) =>
  z.int().min(1).max(most).default(byDefault).describe(`At most this many, newest first.`)

export const idempotencyKey = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, 'must be 1 to 100 letters, digits and . _ : -')
  .optional()
  .describe('A key of your choice: the same key again is the same call and has the same answer. Without one every call is a new one.')

/** Free text that is kept. */
export const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine(isStorable, 'must be text without NUL and broken characters')
    .refine((given) => !steersReader(given), 'must be text without control characters and marks that change the direction of reading')

export const reason = text(500)
