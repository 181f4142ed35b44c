import { setTimeout as delay } from 'node:timers/promises'
import { createOpenAI } from '@ai-sdk/openai'
import { cleanText } from '@trader/core/agent/clean-text'
import { APICallError, generateText } from 'ai'
import type { Secret } from '../../secret.ts'
import { estimateTokens, type ModelClient, type ModelOutcome, type ModelReply, type ModelRequest, promptTokens } from '../model.ts'
import { modelIdOf } from '../model-router.ts'
import { BodyTooLongError, cappedFetch } from './capped-fetch.ts'
import { retryDelayMs } from './retry-delay.ts'

/** A reply this big is not read to its end: twenty full decisions are a sixteenth of it. */
const maxReplyBytes = 1_048_576
const temperature = 0.1

export interface OpenAiSettings {
  /** Undefined for a local server that asks for none. */
  readonly apiKey: Secret | undefined
  /** Undefined for OpenAI itself. */
  readonly baseUrl: string | undefined
  /** Monotonic ms, for tests. */
  readonly clock?: () => number
}

type Attempt = Omit<ModelReply, 'latencyMs'>
type Failure = Attempt & { readonly status: number | null; readonly retryAfter: string | null }

/** Models behind the OpenAI chat API, OpenAI's own or any compatible server's. */
export function createOpenAiModel({ apiKey, baseUrl, clock = () => performance.now() }: OpenAiSettings): ModelClient {
  const key = apiKey?.reveal() || null
  const provider = createOpenAI({
    apiKey: key ?? 'none',
    fetch: cappedFetch(maxReplyBytes),
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
  })

  const attempt = async (request: ModelRequest, signal: AbortSignal): Promise<Attempt | Failure> => {
    try {
      const result = await generateText({
        model: provider.chat(modelIdOf(request.model)),
        instructions: request.system,
        messages: request.messages.map(({ role, content }) => ({ role, content })),
        maxOutputTokens: request.maxOutputTokens,
        temperature,
        maxRetries: 0,
        abortSignal: signal,
      })
      const { finishReason, text, toolCalls, usage } = result
      return {
        ...judge({ finishReason, text, toolCalls: toolCalls.length, maxOutputTokens: request.maxOutputTokens }),
        text: text === '' ? null : withoutKey(text, key),
        tokensIn: usage.inputTokens ?? promptTokens(request),
        tokensOut: usage.outputTokens ?? estimateTokens(text),
      }
    } catch (error) {
      return failureOf({ error, request, key })
    }
  }

  return {
    complete: async (request) => {
      request.signal?.throwIfAborted()
      const startedAt = clock()
      const elapsedMs = (): number => Math.round(clock() - startedAt)
      const deadline = AbortSignal.timeout(request.deadlineMs)
      const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline])
      for (let retries = 0; ; retries += 1) {
        const made = await attempt(request, signal)
        request.signal?.throwIfAborted()
        if (deadline.aborted || elapsedMs() > request.deadlineMs) return tooLate({ made, request, latencyMs: elapsedMs() })
        const waitMs = 'status' in made ? retryDelayMs({ ...made, retries, now: Date.now() }) : null
        if (waitMs === null || elapsedMs() + waitMs >= request.deadlineMs) return replyOf(made, elapsedMs())
        await pause(waitMs, signal)
        request.signal?.throwIfAborted()
      }
    },
  }
}

interface Finished {
  readonly finishReason: string
  readonly text: string
  readonly toolCalls: number
  readonly maxOutputTokens: number
}

function judge({ finishReason, text, toolCalls, maxOutputTokens }: Finished): { outcome: ModelOutcome; error: string | null } {
  if (toolCalls > 0) return { outcome: 'invalid_output', error: `the model asked for ${toolCalls} tool calls; it has no tools` }
  if (finishReason === 'length') return { outcome: 'too_long', error: `the answer was cut at ${maxOutputTokens} tokens` }
  if (finishReason === 'content-filter') return { outcome: 'invalid_output', error: 'the provider withheld the answer' }
  return text.trim() === '' ? { outcome: 'invalid_output', error: 'the answer has no text' } : { outcome: 'ok', error: null }
}

function failureOf({
  error,
  request,
  key,
}: {
  readonly error: unknown
  readonly request: ModelRequest
  readonly key: string | null
}): Attempt | Failure {
  const nothing = { text: null, tokensIn: 0, tokensOut: 0 }
  if (hasCause(error, (cause) => cause instanceof BodyTooLongError)) {
    return { outcome: 'too_long', ...mostItCost(request), text: null, error: `the reply has more than ${maxReplyBytes} bytes` }
  }
  if (!APICallError.isInstance(error))
    return { ...nothing, outcome: 'provider_error', error: `the provider's reply cannot be read: ${said(error, key)}` }
  const status = error.statusCode ?? null
  if (status !== null && status >= 200 && status < 300) {
    return {
      outcome: 'provider_error',
      ...mostItCost(request),
      text: null,
      error: `the provider's reply cannot be read: ${said(error, key)}`,
    }
  }
  return {
    ...nothing,
    outcome: status === 429 ? 'rate_limited' : 'provider_error',
    error:
      status === null ? `the provider cannot be reached: ${said(error, key)}` : `the provider answered HTTP ${status}: ${said(error, key)}`,
    status,
    retryAfter: error.responseHeaders?.['retry-after'] ?? null,
  }
}

function tooLate({
  made,
  request,
  latencyMs,
}: {
  readonly made: Attempt | Failure
  readonly request: ModelRequest
  readonly latencyMs: number
}): ModelReply {
  if ('status' in made && made.status !== null) return replyOf(made, latencyMs)
  if (made.outcome === 'ok') {
    return {
      ...replyOf(made, latencyMs),
      outcome: 'after_deadline',
      error: `the answer came after ${latencyMs} ms, the deadline was ${request.deadlineMs} ms`,
    }
  }
  return { outcome: 'timeout', ...mostItCost(request), text: null, error: `no answer within ${request.deadlineMs} ms`, latencyMs }
}

function replyOf({ outcome, text, error, tokensIn, tokensOut }: Attempt, latencyMs: number): ModelReply {
  return { outcome, text, error, tokensIn, tokensOut, latencyMs }
}

/** A call that broke off may be billed for the whole answer: a budget must count that. */
function mostItCost(request: ModelRequest): { tokensIn: number; tokensOut: number } {
  return { tokensIn: promptTokens(request), tokensOut: request.maxOutputTokens }
}

async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(waitMs, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function hasCause(error: unknown, matches: (cause: unknown) => boolean): boolean {
  for (
    let cause = error, depth = 0;
    cause !== undefined && depth < 8;
    cause = cause instanceof Error ? cause.cause : undefined, depth += 1
  ) {
    if (matches(cause)) return true
  }
  return false
}

/** A provider's words may quote the key (OpenAI's 401 does, in part): anything that looks like one is removed. */
function said(error: unknown, key: string | null): string {
  const message = error instanceof Error ? error.message : String(error)
  return cleanText(withoutKey(message, key).replace(/\bsk-[\w*-]+/g, '[secret]'), 300)
}

/** Answers are stored and shown: one that repeats the key it was asked with must not spread it. */
function withoutKey(text: string, key: string | null): string {
  return key === null ? text : text.replaceAll(key, '[secret]').replaceAll(JSON.stringify(key).slice(1, -1), '[secret]')
}
