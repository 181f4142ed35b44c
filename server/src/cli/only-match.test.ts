import { describe, expect, it } from 'vitest'
import { onlyMatch } from './only-match.ts'

const match = (typed: string, matches: readonly string[]): string => onlyMatch({ kind: 'order', typed, matches })

describe('an id that was typed by its beginning', () => {
  it('is the one that begins so', () => {
    expect(match('3f', ['3f2b'])).toBe('3f2b')
  })

  it('is itself, also where others begin with it', () => {
    expect(match('3f', ['3f2b', '3f'])).toBe('3f')
  })

  it('that nothing begins with is not there: exit code 1', () => {
    expect(() => match('3f', [])).toThrow(expect.objectContaining({ exitCode: 1, message: expect.stringContaining('`trader order list`') }))
  })

  it('that several begin with is a wrong use that lists them: exit code 2', () => {
    expect(() => match('3f', ['3f1', '3f2'])).toThrow(
      expect.objectContaining({ exitCode: 2, message: '3f is the beginning of 2 order ids; type more of the one you mean:\n  3f1\n  3f2' }),
    )
  })
})
