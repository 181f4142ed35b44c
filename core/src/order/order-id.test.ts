import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { z } from 'zod'
import { bodyHash } from './body-hash.ts'
import { canonicalJson } from './canonical-json.ts'
import { fillId, orderId, uuidV5 } from './order-id.ts'

describe('order id', () => {
  it('computes the test vector of RFC 9562', () => {
    const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
    expect(uuidV5({ namespace: dns, name: 'www.example.com' })).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
  })

  it('is the same for the same origin and leg, and valid', () => {
    expect(orderId('manual-a', 0)).toBe(orderId('manual-a', 0))
    expect(z.uuid().safeParse(orderId('manual-a', 0)).success).toBe(true)
    expect(z.uuid().safeParse(fillId({ orderId: orderId('manual-a', 0), tradeId: '1' })).success).toBe(true)
  })

  it('never changes: stored orders depend on it', () => {
    expect(orderId('decision-r1-1522800000000', 0)).toBe('092e58e5-3e46-55be-8c1b-9884231f09ff')
    expect(fillId({ orderId: orderId('decision-r1-1522800000000', 0), tradeId: '1' })).toBe('62096c67-83fe-582e-b37e-77321c8785c8')
  })

  it('differs by origin, leg and trade', () => {
    const ids = [
      orderId('a', 0),
      orderId('a', 1),
      orderId('b', 0),
      orderId('a-1', 0),
      fillId({ orderId: 'x', tradeId: '1' }),
      fillId({ orderId: 'x', tradeId: '2' }),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('body hash', () => {
  it('sorts keys at every depth and drops undefined', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true, e: undefined })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}')
  })

  it('refuses numbers that JSON cannot hold', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('JSON has no NaN')
  })

  it('is SHA-256 of the canonical text', () => {
    // printf '{"quantity":"1","side":"BUY"}' | sha256sum
    expect(bodyHash({ side: 'BUY', quantity: '1' })).toBe('5b6cfca9834c14c00171efdeefedc0eb169c861fb96cac6b925ca91bde7ad822')
  })

  it('does not depend on key order and reads back as the same value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }))),
        (body) => {
          const reversed = Object.fromEntries(Object.entries(body).toReversed())
          expect(bodyHash(reversed)).toBe(bodyHash(body))
          expect(JSON.stringify(JSON.parse(canonicalJson(body)))).toBe(JSON.stringify(JSON.parse(canonicalJson(reversed))))
        },
      ),
    )
  })
})
