import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { cleanText, steersReader } from './clean-text.ts'
import { textHash } from './text-hash.ts'

describe('cleanText', () => {
  it('removes what steers a terminal or reorders letters and keeps line breaks', () => {
    expect(cleanText('buy\u001b[31m\u202eCTB\u202c\nnow\u200b\u0000', 100)).toBe('buy[31mCTB\nnow')
    expect(cleanText('a\u{e0041}b\ufeff', 100)).toBe('ab')
  })

  it('cuts long text without splitting a character', () => {
    expect(cleanText('abcdef', 4)).toBe('abc…')
    expect(cleanText('ab😀😀', 4)).toBe('ab…')
  })

  it('never passes the length, is well formed and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 200 }), (text, length) => {
        const cleaned = cleanText(text, length)
        expect(cleaned.length).toBeLessThanOrEqual(length)
        expect(cleaned.isWellFormed()).toBe(true)
        expect(cleanText(cleaned, length)).toBe(cleaned)
      }),
    )
  })
})

describe('text that steers its reader', () => {
  it.each(['\u202ebuy', 'a\u2066b', 'a\u0000', '\u001b[2J', '\u009b1m', 'a\u007f'])('%j does', (text) => {
    expect(steersReader(text)).toBe(true)
  })

  it.each(['two\r\nlines\tand a tab', 'שלום \u200f(rtl)', '👩\u200d🚀', 'می\u200cخواهم', 'é ß 漢'])('%j does not', (text) => {
    expect(steersReader(text)).toBe(false)
  })
})

describe('textHash', () => {
  it('is the SHA-256 of the UTF-8 bytes', () => {
    expect(textHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(textHash('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c')
  })
})
