import { z } from 'zod'

/** An exact amount as text: up to 20 digits before and 18 after the point. No exponent, NaN or infinity can pass. */
export const decimalText = z.string().regex(/^-?\d{1,20}(\.\d{1,18})?$/, 'must be a decimal number as text, such as "1234.50"')
export const positiveDecimalText = decimalText.refine((text) => !text.startsWith('-') && /[1-9]/.test(text), 'must be positive')
export const unsignedDecimalText = decimalText.refine((text) => !text.startsWith('-'), 'must not be negative')

/** A ratio between 0 and 1, such as a fraction of equity. */
export const fraction = z.number().min(0).max(1)
/** A statistic: finite, or null where it is undefined (no trades, no variance). Never NaN, never infinite. */
export const statistic = z.number().finite().nullable()

/** Milliseconds since 1970-01-01T00:00:00Z. Every time on every wire has this unit. */
export const timestampMs = z.int().min(0).max(8_640_000_000_000_000)

/** `BTC-USD`; `BTC/USD` and lower case are accepted and rewritten. */
export const productId = z
  .string()
  .max(32)
  .transform((text) => text.trim().toUpperCase().replace('/', '-'))
  .pipe(z.string().regex(/^[A-Z0-9]{1,12}-[A-Z0-9]{1,12}$/, 'must be a product such as BTC-USD'))

/** The set of books that share no account, no metric and no judge window: paper, live, or shadow:<prompt version>. */
export const book = z.string().regex(/^(paper|live|shadow:[1-9]\d{0,8})$/, 'must be paper, live or shadow:<prompt version>')
export type Book = z.infer<typeof book>

/** An id made by our own code: letters, digits and a few separators, never free text. */
export const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}$/, 'must be an id of letters, digits and . _ : -')

/** A chosen key that makes a repeated call the same call. */
export const idempotencyKey = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, 'must be 1 to 100 letters, digits and . _ : -')

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)
