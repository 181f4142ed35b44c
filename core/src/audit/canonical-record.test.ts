import { bytesToHex } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalRecord } from './canonical-record.ts'

describe('a canonical record', () => {
  it('is the bytes that docs/audit.md shows', () => {
    const bytes = canonicalRecord({ kind: 'fill', id: '7', content: '{"fee": 3.6}' })
    expect(bytesToHex(bytes)).toBe('010000000466696c6c00000001370000000c7b22666565223a20332e367d')
  })

  it('counts bytes, not letters', () => {
    expect(bytesToHex(canonicalRecord({ kind: 'é', id: '', content: '✓' }))).toBe('0100000002c3a90000000000000003e29c93')
  })

  it('is another for every other record: no two share their bytes', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 6 })
    const record = fc.record({ kind: text, id: text, content: text })
    fc.assert(
      fc.property(record, record, (one, other) => {
        const isSame = one.kind === other.kind && one.id === other.id && one.content === other.content
        expect(bytesToHex(canonicalRecord(one)) === bytesToHex(canonicalRecord(other))).toBe(isSame)
      }),
      { numRuns: 2000 },
    )
  })
})
