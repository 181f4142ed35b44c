import { describe, expect, it } from 'vitest'
import { retryDelayMs } from './retry-delay.ts'

const attempt = { status: 429, retryAfter: null, retries: 0, now: 1_000_000 }

describe('retryDelayMs', () => {
  it('waits what Retry-After says, in seconds or as a date', () => {
    expect(retryDelayMs({ ...attempt, retryAfter: '3' })).toBe(3000)
    expect(retryDelayMs({ ...attempt, retryAfter: new Date(1_007_000).toUTCString() })).toBe(7000)
    expect(retryDelayMs({ ...attempt, retryAfter: new Date(0).toUTCString() })).toBe(0)
  })

  it('backs off without one, or with nonsense', () => {
    expect([0, 1, 2].map((retries) => retryDelayMs({ ...attempt, retries }))).toEqual([500, 1000, null])
    expect(retryDelayMs({ ...attempt, retryAfter: 'soon' })).toBe(500)
  })

  it('retries 429, 5xx and a broken connection, nothing else', () => {
    const retried = [400, 401, 403, 404, 422, 429, 500, 503, null].filter((status) => retryDelayMs({ ...attempt, status }) !== null)
    expect(retried).toEqual([429, 500, 503, null])
  })
})
