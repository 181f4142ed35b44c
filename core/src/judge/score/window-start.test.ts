import { describe, expect, it } from 'vitest'
import { windowStart } from './window-start.ts'

const day = 86_400_000
const options = { marketTime: 100 * day, windowDays: 7, cause: 'schedule' as const, lastChangeAt: null }

describe('the window', () => {
  it('looks back as many days as asked', () => {
    expect(windowStart(options)).toBe(93 * day)
    expect(windowStart({ ...options, windowDays: 0.5 })).toBe(99.5 * day)
    expect(windowStart({ ...options, windowDays: 3650 })).toBe(0)
  })

  it('of the Judge`s own evaluations begins with the active version, of one by hand where it was asked to', () => {
    expect(windowStart({ ...options, lastChangeAt: 99 * day })).toBe(99 * day)
    expect(windowStart({ ...options, lastChangeAt: 9 * day })).toBe(93 * day)
    expect(windowStart({ ...options, lastChangeAt: 99 * day, cause: 'losses' })).toBe(99 * day)
    expect(windowStart({ ...options, lastChangeAt: 99 * day, cause: 'manual' })).toBe(93 * day)
  })
})
