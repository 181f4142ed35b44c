import { describe, expect, it } from 'vitest'
import type { ModelClient } from './model.ts'
import { createModelRouter, modelIdOf, vendorOf } from './model-router.ts'

const saying = (text: string): ModelClient => ({
  complete: async () => ({ outcome: 'ok', text, error: null, tokensIn: 1, tokensOut: 1, latencyMs: 1 }),
})
const router = createModelRouter({ offline: saying('rules'), openai: saying('net') })
const ask = (model: string) =>
  router.complete({ model, system: '', messages: [{ role: 'user', content: '' }], maxOutputTokens: 1, deadlineMs: 1 })

describe('createModelRouter', () => {
  it('sends a call to the vendor that the name begins with', async () => {
    expect((await ask('offline')).text).toBe('rules')
    expect((await ask('openai:llama3:8b')).text).toBe('net')
    expect([vendorOf('openai:llama3:8b'), modelIdOf('openai:llama3:8b')]).toEqual(['openai', 'llama3:8b'])
  })

  it('answers a provider error for a vendor that is not set up', async () => {
    expect(await ask('anthropic:x')).toMatchObject({ outcome: 'provider_error', text: null, error: expect.stringContaining('"anthropic"') })
    expect(await ask('constructor')).toMatchObject({ outcome: 'provider_error' })
  })
})
