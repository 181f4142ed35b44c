import { describe, expect, it } from 'vitest'
import { modelCallOutcome } from '../contract/model-call.ts'
import { holdReasonOfCall } from './hold-reason.ts'

describe('the hold reason of a model call', () => {
  it('is another one for every way to fail, and none for an answer', () => {
    const reasons = modelCallOutcome.options.map((outcome) => holdReasonOfCall(outcome))
    expect(reasons.slice(0, 2)).toEqual([null, null])
    expect(new Set(reasons.slice(2)).size).toBe(modelCallOutcome.options.length - 2)
  })
})
