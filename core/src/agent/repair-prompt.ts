import type { InvalidReply } from './parse-decision.ts'
import { cleanText } from './clean-text.ts'
import type { Prompt } from './prompt-render.ts'

/** Longest part of a bad reply that is shown back to its author. */
const maxQuotedReply = 4000

/** The one repair attempt: the same prompt, the reply, and what was wrong with it. */
export function repairPrompt({
  prompt,
  reply,
  fault,
}: {
  readonly prompt: Prompt
  readonly reply: string
  readonly fault: { readonly reason: InvalidReply; readonly detail: string }
}): Prompt {
  const quoted = cleanText(reply, maxQuotedReply)
  return {
    system: prompt.system,
    messages: [
      ...prompt.messages,
      { role: 'assistant', content: quoted === '' ? '(no text)' : quoted },
      {
        role: 'user',
        content: `Your reply cannot be used: ${fault.detail} (${fault.reason}). Answer again with one JSON object of the format asked for, and nothing else. If in doubt, HOLD.`,
      },
    ],
  }
}
