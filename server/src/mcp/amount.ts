import { positiveDecimalText } from '@trader/core/contract/primitives'
import { decimal, toText } from '@trader/core/money/decimal'
import { z } from 'zod'

/** A positive amount. Text is exact; a number is taken for the shortest decimal that denotes it. Answers text. */
export const amount = z
  .union([z.string().max(40), z.number().positive().max(1e15)], { error: 'must be a positive decimal text such as "0.5"' })
  .transform((given) => (typeof given === 'number' ? toText(decimal(String(given))) : given))
  .pipe(positiveDecimalText)
