import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeIssues } from './describe-issues.ts'
import { decimalText, productId } from './primitives.ts'

const schema = z
  .strictObject({
    orders: z.array(
      z
        .strictObject({
          product: productId.optional(),
          side: z.enum(['BUY', 'SELL']),
          quantity: z
            .union([z.string(), z.number().positive()], { error: 'must be a positive decimal text such as "0.5"' })
            .pipe(decimalText),
          count: z.int().min(1).max(20).optional(),
          fraction: z.number().min(0).max(1).optional(),
          reason: z.string().min(1).max(5).optional(),
          id: z.uuid().optional(),
          either: z.union([z.int(), z.string()]).optional(),
          shape: z.union([z.strictObject({ ok: z.literal(true), name: z.string() }), z.strictObject({ no: z.number() })]).optional(),
        })
        .refine(({ reason, count }) => reason === undefined || count === undefined, 'give exactly one of reason and count'),
    ),
    on: z.boolean().optional(),
  })
  .refine(({ orders }) => orders.length < 3, 'at most two orders')

const order = { side: 'BUY', quantity: '1' }
const wrong = (change: object): unknown => ({ orders: [{ ...order, ...change }] })
const say = (input: unknown): string => {
  const parsed = schema.safeParse(input)
  return parsed.success ? 'fine' : describeIssues(parsed.error.issues, { input })
}

describe('what is wrong with an input', () => {
  it.each([
    [wrong({ quantity: null }), 'orders[0].quantity must be a positive decimal text such as "0.5", was null'],
    [wrong({ quantity: Infinity }), 'orders[0].quantity must be a positive decimal text such as "0.5", was a number too large to be one'],
    [wrong({ quantity: -1 }), 'orders[0].quantity must be more than 0, was -1'],
    [wrong({ quantity: '1e9' }), 'orders[0].quantity must be a decimal number as text, such as "1234.50", was "1e9"'],
    [wrong({ quantity: Number.NaN }), 'orders[0].quantity must be a positive decimal text such as "0.5", was NaN'],
    [{ orders: [{ side: 'BUY' }] }, 'orders[0].quantity is missing: it must be a positive decimal text such as "0.5"'],
    [{ orders: [{ quantity: '1' }] }, 'orders[0].side is missing: it must be BUY or SELL'],
    [wrong({ side: 'HOLD' }), 'orders[0].side must be BUY or SELL, was "HOLD"'],
    [wrong({ product: '../../etc' }), 'orders[0].product must be a product such as BTC-USD, was "../../etc"'],
    [wrong({ product: ['BTC-USD'] }), 'orders[0].product must be text, was a list of 1'],
    [wrong({ fill_price: '1' }), 'orders[0].fill_price is not a field that is known here'],
    [wrong({ count: 0 }), 'orders[0].count must be at least 1, was 0'],
    [wrong({ count: 1.5 }), 'orders[0].count must be a whole number, was 1.5'],
    [wrong({ fraction: 1.5 }), 'orders[0].fraction must be at most 1, was 1.5'],
    [wrong({ reason: '' }), 'orders[0].reason must not be empty, was ""'],
    [wrong({ reason: 'too long' }), 'orders[0].reason must have at most 5 characters, was "too long"'],
    [wrong({ id: 'x' }), 'orders[0].id must be an id such as 3f2b8c1e-9d04-4a7b-8a51-0c6f2e7d9b13, was "x"'],
    [wrong({ either: null }), 'orders[0].either must be a number or text, was null'],
    [wrong({ shape: { ok: true, name: 5 } }), 'orders[0].shape.name must be text, was 5'],
    [wrong({ reason: 'why', count: 2 }), 'orders[0]: give exactly one of reason and count'],
    [{ orders: [], on: 'yes' }, 'on must be true or false, was "yes"'],
    [{ orders: [order, order, order] }, 'at most two orders'],
    [[], 'the input must be an object, was an empty list'],
    [null, 'the input must be an object, was null'],
  ])('%j: %s', (input, sentence) => {
    expect(say(input)).toBe(sentence)
  })

  it('is told for every field at once, up to a number that a person reads', () => {
    expect(say({ orders: [{ ...order, side: 'x' }], on: 1 })).toBe(
      'orders[0].side must be BUY or SELL, was "x"; on must be true or false, was 1',
    )
    expect(say({ orders: Array.from({ length: 20 }, () => ({ ...order, side: 'x' })) })).toMatch(/; and 12 more$/)
  })

  it('shows no more of a long text than its beginning', () => {
    expect(say(wrong({ side: 'x'.repeat(10_000) })).length).toBeLessThan(150)
    expect(say({ orders: [], ['x'.repeat(10_000)]: 1 }).length).toBeLessThan(150)
  })

  it('names a field as it is told to', () => {
    const parsed = z.object({ runFor: z.number() }).safeParse({ runFor: 'soon' })
    expect(describeIssues(parsed.error?.issues ?? [], { input: { runFor: 'soon' }, nameOf: ([name]) => `--${String(name)}` })).toBe(
      '--runFor must be a number, was "soon"',
    )
  })
})
