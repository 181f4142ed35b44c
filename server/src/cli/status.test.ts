import { describe, expect, it } from 'vitest'
import { describeSeconds } from './status.ts'

describe('an uptime', () => {
  it.each([
    [0, '0s'],
    [45.6, '45s'],
    [725, '12m 5s'],
    [3600, '1h'],
    [10_921, '3h 2m'],
    [349_200, '4d 1h'],
  ])('of %d s reads %s', (seconds, text) => {
    expect(describeSeconds(seconds)).toBe(text)
  })
})
