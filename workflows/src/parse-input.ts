import { ApplicationFailure } from '@temporalio/common'
import { z } from 'zod'

/** A workflow's input, checked. What does not fit ends the workflow with the reason: retrying it would never help. */
export function parseInput<Value>(schema: z.ZodType<Value>, input: unknown): Value {
  const parsed = schema.safeParse(input)
  if (!parsed.success) throw ApplicationFailure.nonRetryable(z.prettifyError(parsed.error), 'InvalidInput')
  return parsed.data
}
