import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startOpenAiServer, type OpenAiServer } from '../../../../test/support/openai-server.ts'
import { Secret } from '../../secret.ts'
import { describeModelClient } from '../model-cases.ts'
import type { ModelRequest } from '../model.ts'
import { createOpenAiModel } from './openai-model.ts'

const key = 'sk-test-0123456789'
const answer = '{"decisions":[],"summary":"hold"}'
const good = { type: 'reply', text: answer } as const
const request: ModelRequest = {
  model: 'openai:gpt-4o',
  system: 'You trade.',
  messages: [{ role: 'user', content: '{"products":[]}' }],
  maxOutputTokens: 500,
  deadlineMs: 5000,
}

describeModelClient('an OpenAI model', {
  open: async () => {
    const server = await startOpenAiServer({ apiKey: key, mode: good })
    return { client: createOpenAiModel({ apiKey: new Secret(key), baseUrl: server.baseUrl }), close: server.close }
  },
  request,
  answer,
})

describe('an OpenAI model', () => {
  let server: OpenAiServer
  beforeEach(async () => {
    server = await startOpenAiServer({ mode: good })
  })
  afterEach(() => server.close())
  const ask = (changes: Partial<ModelRequest> = {}) =>
    createOpenAiModel({ apiKey: new Secret(key), baseUrl: server.baseUrl }).complete({ ...request, ...changes })

  it('sends the system prompt, the messages and the token limit, and no tools', async () => {
    expect(await ask({ model: 'openai:llama3:8b' })).toMatchObject({ outcome: 'ok', tokensIn: 100, tokensOut: 20 })
    expect(server.requests).toEqual([
      {
        model: 'llama3:8b',
        messages: [
          { role: 'system', content: 'You trade.' },
          { role: 'user', content: '{"products":[]}' },
        ],
        max_tokens: 500,
        temperature: 0.1,
      },
    ])
  })

  it('works without a key on a server that asks for none', async () => {
    expect(await createOpenAiModel({ apiKey: undefined, baseUrl: server.baseUrl }).complete(request)).toMatchObject({ outcome: 'ok' })
  })

  it('estimates tokens where the server does not count them', async () => {
    server.setMode({ ...good, usage: false })
    const reply = await ask()
    expect(reply.tokensIn).toBeGreaterThan(5)
    expect(reply.tokensOut).toBe(Math.ceil(answer.length / 3))
  })

  it('hands prose on for the parser to judge', async () => {
    server.setMode({ type: 'reply', text: 'I would wait.' })
    expect(await ask()).toMatchObject({ outcome: 'ok', text: 'I would wait.' })
  })

  it('tells an answer that was cut, and one that never ends', async () => {
    server.setMode({ type: 'cut', text: '{"decisions":[' })
    expect(await ask()).toMatchObject({ outcome: 'too_long', text: '{"decisions":[', error: 'the answer was cut at 500 tokens' })
    server.setMode({ type: 'endless' })
    expect(await ask()).toMatchObject({ outcome: 'too_long', text: null, tokensOut: 500 })
  })

  it('takes a thousand tool calls for no answer', async () => {
    server.setMode({ type: 'tool-calls', count: 1000 })
    expect(await ask()).toMatchObject({ outcome: 'invalid_output', error: 'the model asked for 1000 tool calls; it has no tools' })
  })

  it('takes an empty answer for none', async () => {
    server.setMode({ type: 'reply', text: ' ' })
    expect(await ask()).toMatchObject({ outcome: 'invalid_output' })
  })

  it('retries a busy provider after what it asks for, twice at most', async () => {
    server.setMode({ type: 'status', status: 429, retryAfter: '0.05', times: 2, next: good })
    expect(await ask()).toMatchObject({ outcome: 'ok' })
    expect(server.requests).toHaveLength(3)
    server.setMode({ type: 'status', status: 429, retryAfter: '0' })
    expect(await ask()).toMatchObject({ outcome: 'rate_limited', text: null, tokensIn: 0, tokensOut: 0 })
    expect(server.requests).toHaveLength(6)
  })

  it('does not wait for a retry that would miss the deadline', async () => {
    server.setMode({ type: 'status', status: 429, retryAfter: '60' })
    const reply = await ask({ deadlineMs: 1000 })
    expect(reply).toMatchObject({ outcome: 'rate_limited' })
    expect(reply.latencyMs).toBeLessThan(900)
    expect(server.requests).toHaveLength(1)
  })

  it('retries a failing provider and a dropped connection, and then says which', async () => {
    server.setMode({ type: 'status', status: 500, retryAfter: '0' })
    expect(await ask()).toMatchObject({ outcome: 'provider_error', error: expect.stringContaining('HTTP 500') })
    expect(server.requests).toHaveLength(3)
    server.setMode({ type: 'drop' })
    expect(await ask({ deadlineMs: 400 })).toMatchObject({ outcome: 'provider_error', error: expect.stringContaining('cannot be reached') })
  })

  it('does not retry a wrong key, and never repeats one', async () => {
    const guarded = await startOpenAiServer({ apiKey: 'another', mode: good })
    for (const wrong of [key, 'local-key-0123456789']) {
      const reply = await createOpenAiModel({ apiKey: new Secret(wrong), baseUrl: guarded.baseUrl }).complete(request)
      expect(reply).toMatchObject({ outcome: 'provider_error', error: expect.stringContaining('HTTP 401') })
      expect(JSON.stringify(reply)).not.toContain(wrong)
    }
    expect(guarded.requests).toHaveLength(2)
    await guarded.close()
  })

  it('takes its key out of an answer that repeats it', async () => {
    server.setMode({ type: 'reply', text: `{"summary":"I was asked with ${key}"}` })
    const reply = await createOpenAiModel({ apiKey: new Secret(key), baseUrl: server.baseUrl }).complete(request)
    expect(reply).toMatchObject({ outcome: 'ok', text: '{"summary":"I was asked with [secret]"}' })
    const odd = 'a "quoted" key'
    server.setMode({ type: 'reply', text: JSON.stringify({ summary: odd }) })
    const other = await createOpenAiModel({ apiKey: new Secret(odd), baseUrl: server.baseUrl }).complete(request)
    expect(other.text).toBe('{"summary":"[secret]"}')
  })

  it('gives up at its deadline on a server that is slow, silent or never done', async () => {
    const modes = [{ ...good, delayMs: 2000 }, { type: 'hang' }, { type: 'trickle' }] as const
    for (const mode of modes) {
      server.setMode(mode)
      const reply = await ask({ deadlineMs: 150 })
      expect(reply).toMatchObject({ outcome: 'timeout', text: null, error: 'no answer within 150 ms', tokensOut: 500 })
      expect(reply.latencyMs).toBeLessThan(1500)
    }
  })

  it('does not act on an answer that came after the deadline', async () => {
    const times = [0, 6000]
    const client = createOpenAiModel({ apiKey: new Secret(key), baseUrl: server.baseUrl, clock: () => times.shift() ?? 6000 })
    expect(await client.complete(request)).toMatchObject({ outcome: 'after_deadline', text: answer, latencyMs: 6000, tokensOut: 20 })
  })

  it('stops at once when the caller goes while it waits', async () => {
    server.setMode({ type: 'hang' })
    const caller = new AbortController()
    setTimeout(() => caller.abort(new Error('worker shuts down')), 50)
    await expect(ask({ signal: caller.signal })).rejects.toThrow('worker shuts down')
  })

  it('takes a reply that is no chat completion for a provider error', async () => {
    for (const body of ['', 'null', '[]', '{"choices":[]}', '{"choices":[{"message":{}}]}', '{"choices":"x"}', '{"cho', '<html>']) {
      server.setMode({ type: 'body', body })
      const reply = await ask()
      expect(['provider_error', 'invalid_output'], body).toContain(reply.outcome)
      expect(reply.text).toBe(null)
    }
  })

  it('follows no redirect: the key goes to one host only', async () => {
    const elsewhere = await startOpenAiServer({ mode: good })
    server.setMode({ type: 'redirect', location: `${elsewhere.baseUrl}/chat/completions` })
    expect(await ask({ deadlineMs: 400 })).toMatchObject({ outcome: 'provider_error' })
    expect(elsewhere.requests).toHaveLength(0)
    await elsewhere.close()
  })
})
