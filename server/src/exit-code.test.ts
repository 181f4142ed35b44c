import { describe, expect, it } from 'vitest'
import { describeError } from './exit-code.ts'

describe('describing an error', () => {
  it('tells the causes in order', () => {
    const error = new Error('saving failed', { cause: new Error('disk full') })
    expect(describeError(error)).toBe('saving failed: disk full')
  })

  it('tells every error of an aggregate, which has no message of its own', () => {
    expect(describeError(new AggregateError([new Error('refused by ::1'), new Error('refused by 127.0.0.1')]))).toBe(
      'refused by ::1; refused by 127.0.0.1',
    )
  })

  it('takes anything that was thrown', () => {
    expect(describeError('plain text')).toBe('plain text')
  })
})
