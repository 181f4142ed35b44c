import type { ModelCall } from '@trader/core/contract/model-call'
import { prompt as storedPrompt } from '@trader/core/agent/prompt-render'

/** What a model was sent and what it answered, in lines a person can read. A prompt that is not kept is left out. */
export function conversation(call: ModelCall, prompt: string | null): string[] {
  return [...(prompt === null ? [] : readablePrompt(prompt)), 'reply:', indented(readable(call.reply ?? 'none'))]
}

export function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

/** The system text in its lines, then each message. What is not of that form is shown as it is. */
function readablePrompt(stored: string): string[] {
  const parsed = storedPrompt.safeParse(json(stored))
  if (!parsed.success) return ['prompt:', indented(stored)]
  const { system, messages } = parsed.data
  return ['system prompt:', indented(system), ...messages.flatMap(({ role, content }) => [`${role} message:`, indented(readable(content))])]
}

/** JSON over lines; any other text as it is. */
function readable(text: string): string {
  const value = json(text)
  return value === undefined ? text : JSON.stringify(value, null, 1)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
