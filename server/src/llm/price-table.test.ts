import { describe, expect, it } from 'vitest'
import { callCost, isFree } from './price-table.ts'

describe('callCost', () => {
  it('multiplies tokens by the price of the model, dated names included', () => {
    const tokens = { tokensIn: 10_000, tokensOut: 1000 }
    expect(callCost({ model: 'openai:gpt-4o', ...tokens })).toEqual({ costUsd: '0.035', isKnown: true })
    expect(callCost({ model: 'openai:gpt-4o-2024-08-06', ...tokens })).toEqual({ costUsd: '0.035', isKnown: true })
    expect(callCost({ model: 'openai:gpt-5-nano', tokensIn: 1, tokensOut: 0 }).costUsd).toBe('0.00000005')
  })

  it('counts a careful maximum for a model it does not know, and says so', () => {
    expect(callCost({ model: 'openai:llama3:8b', tokensIn: 1_000_000, tokensOut: 0 })).toEqual({ costUsd: '15', isKnown: false })
    expect(callCost({ model: 'constructor', tokensIn: 0, tokensOut: 1_000_000 })).toEqual({ costUsd: '60', isKnown: false })
  })

  it('charges nothing for the offline model', () => {
    expect(callCost({ model: 'offline', tokensIn: 9000, tokensOut: 9000 })).toEqual({ costUsd: '0', isKnown: true })
    expect([isFree('offline'), isFree('openai:gpt-4o'), isFree('openai:unknown')]).toEqual([true, false, false])
  })
})
