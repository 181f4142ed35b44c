import { describe, expect, it } from 'vitest'
import { isStorable } from './storable.ts'

describe('a storable value', () => {
  it('may hold any whole character, anywhere', () => {
    expect(isStorable({ 'naïve 🚀': ['\n', { deep: '\\u0000' }], count: 3, none: null })).toBe(true)
  })

  it.each([['a\0b'], [{ '\0': 1 }], [[{ deep: '\ud83d' }]], [{ '\udc00': null }]])('holds no NUL and no half character: %j', (value) => {
    expect(isStorable(value)).toBe(false)
  })
})
