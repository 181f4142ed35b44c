import type { ModelCall } from '@trader/core/contract/model-call'
import type { Prompt } from '@trader/core/agent/prompt-render'

export interface ModelRequest extends Prompt {
  /** `offline` or `<vendor>:<model>`, such as `openai:gpt-4o`. */
  readonly model: string
  readonly maxOutputTokens: number
  /** Wall time that the call may take, retries and waiting included, in ms. */
  readonly deadlineMs: number
  /** The caller's wish to stop: aborting makes `complete` throw the signal's reason. */
  readonly signal?: AbortSignal
}

/** `repaired` and `over_budget` are the caller's to say: they concern more than one call. */
export type ModelOutcome = Exclude<ModelCall['outcome'], 'repaired' | 'over_budget'>

/** One call, however it went. A failure is a value: only the caller's own abort throws. */
export interface ModelReply {
  readonly outcome: ModelOutcome
  /** What the model said, as far as it came; null when nothing did. Only an `ok` reply may be acted on. */
  readonly text: string | null
  /** What went wrong, without any secret; null when `ok`. */
  readonly error: string | null
  /** As the provider counts; estimated, upward, where it does not say. */
  readonly tokensIn: number
  readonly tokensOut: number
  readonly latencyMs: number
}

/** The seam to language models. */
export interface ModelClient {
  readonly complete: (request: ModelRequest) => Promise<ModelReply>
}

/** Tokens of a text, estimated upward: English has about four characters to a token, numbers and JSON about three, Chinese one. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3)
}

/** Tokens of all that a prompt sends, estimated upward. */
export function promptTokens({ system, messages }: Prompt): number {
  return messages.reduce((tokens, message) => tokens + estimateTokens(message.content) + 4, estimateTokens(system) + 4)
}
