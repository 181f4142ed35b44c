import { estimateTokens, type ModelClient, promptTokens } from '../model.ts'

/** An answer to a user message, or null when the message is not of its kind. `offlineReply` of the core is one. */
export type OfflineResponder = (userMessage: string) => string | null

/** Rules in place of a model: the first responder that knows a message answers it. The same prompt gets the same reply. */
export function createOfflineModel(responders: readonly OfflineResponder[]): ModelClient {
  return {
    complete: async (request) => {
      request.signal?.throwIfAborted()
      const startedAt = performance.now()
      const text = firstAnswer(
        responders,
        request.messages.filter((message) => message.role === 'user').map((message) => message.content),
      )
      const usage = { tokensIn: promptTokens(request), latencyMs: Math.round(performance.now() - startedAt) }
      if (text === null)
        return {
          ...usage,
          outcome: 'invalid_output',
          text: null,
          error: 'the offline model does not know this kind of prompt',
          tokensOut: 0,
        }
      const tokensOut = estimateTokens(text)
      if (tokensOut > request.maxOutputTokens) {
        return {
          ...usage,
          outcome: 'too_long',
          text,
          error: `the answer has ${tokensOut} tokens, ${request.maxOutputTokens} were allowed`,
          tokensOut,
        }
      }
      return { ...usage, outcome: 'ok', text, error: null, tokensOut }
    },
  }
}

function firstAnswer(responders: readonly OfflineResponder[], messages: readonly string[]): string | null {
  for (const message of messages) {
    for (const respond of responders) {
      const answer = respond(message)
      if (answer !== null) return answer
    }
  }
  return null
}
