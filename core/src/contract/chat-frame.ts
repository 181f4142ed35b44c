import { z } from 'zod'
import { id } from './primitives.ts'

/** A piece of a streamed answer. A higher attempt clears the text of a lower one. */
export const chatFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), turn_id: id, attempt: z.int().positive(), seq: z.int().min(0), text: z.string() }),
  z.strictObject({
    type: z.literal('tool_call'),
    turn_id: id,
    attempt: z.int().positive(),
    seq: z.int().min(0),
    tool_call: z.strictObject({ name: z.string(), arguments: z.record(z.string(), z.json()), ok: z.boolean().nullable() }),
  }),
  z.strictObject({ type: z.literal('done'), turn_id: id, attempt: z.int().positive(), seq: z.int().min(0) }),
])
export type ChatFrame = z.infer<typeof chatFrame>
