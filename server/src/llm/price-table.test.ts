import { describe, expect, it } from 'vitest'
import { callCost, isFree, isModelPrice, modelPrice } from './price-table.ts'

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

  it('counts the price that was set for a model it does not know, and never for one it knows', () => {
    const price = modelPrice('0.5/1.25')
    const tokens = { tokensIn: 1_000_000, tokensOut: 1_000_000 }
    expect(callCost({ model: 'openai:llama3:8b', ...tokens }, price)).toEqual({ costUsd: '1.75', isKnown: false })
    expect(callCost({ model: 'openai:gpt-4o', ...tokens }, price)).toEqual({ costUsd: '12.5', isKnown: true })
    expect(['15/60', '0/0', '0.15/0.60'].filter(isModelPrice)).toHaveLength(3)
    expect(['', '1', '-1/2', '1e3/2', 'NaN/1', '1/2/3', '1/ 2'].filter(isModelPrice)).toEqual([])
    expect(() => modelPrice('cheap')).toThrow('was "cheap"')
  })

  it('charges nothing for the offline model', () => {
    expect(callCost({ model: 'offline', tokensIn: 9000, tokensOut: 9000 })).toEqual({ costUsd: '0', isKnown: true })
    expect([isFree('offline'), isFree('openai:gpt-4o'), isFree('openai:unknown')]).toEqual([true, false, false])
  })
})
