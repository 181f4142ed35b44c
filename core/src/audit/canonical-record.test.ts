import { bytesToHex } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalRecord, type AuditRecord } from './canonical-record.ts'

const example: AuditRecord = { kind: 'fill', id: '7', op: 'insert', fields: { price: '60000', fee: '3.6' } }

describe('a canonical record', () => {
  it('is the bytes that docs/audit.md shows', () => {
    expect(bytesToHex(canonicalRecord(example))).toBe(
      [
        '01',
        '00000004 66696c6c', // fill
        '00000001 37', // 7
        '00000006 696e73657274', // insert
        '00000002', // two fields
        '00000003 666565 00000003 332e36', // fee 3.6
        '00000005 7072696365 00000005 3630303030', // price 60000
      ]
        .join('')
        .replaceAll(' ', ''),
    )
  })

  it('does not depend on the order in which the fields come', () => {
    const fields = { fee: '3.6', price: '60000' }
    expect(canonicalRecord({ ...example, fields })).toEqual(canonicalRecord(example))
  })

  it('is another for every other record: no two share their bytes', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 6 })
    const record: fc.Arbitrary<AuditRecord> = fc.record({
      kind: text,
      id: text,
      op: fc.constantFrom('genesis', 'insert', 'update', 'delete'),
      fields: fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true }),
    })
    const sorted = ({ fields, ...rest }: AuditRecord): string =>
      JSON.stringify([rest, Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1))])
    fc.assert(
      fc.property(record, record, (one, other) => {
        const isSame = sorted(one) === sorted(other)
        expect(bytesToHex(canonicalRecord(one)) === bytesToHex(canonicalRecord(other))).toBe(isSame)
      }),
      { numRuns: 2000 },
    )
  })
})
