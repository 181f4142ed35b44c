import { describe, expect, it } from 'vitest'
import type { ModelClient, ModelReply, ModelRequest } from './model.ts'

export interface ModelHarness {
  /** A client that answers the request below with `answer`. */
  readonly open: () => Promise<{ readonly client: ModelClient; readonly close: () => Promise<void> }>
  readonly request: ModelRequest
  readonly answer: string
}

/** What every model client must do, whichever it is. */
export function describeModelClient(name: string, { open, request, answer }: ModelHarness): void {
  const complete = async (changes: Partial<ModelRequest> = {}): Promise<ModelReply> => {
    const { client, close } = await open()
    try {
      return await client.complete({ ...request, ...changes })
    } finally {
      await close()
    }
  }

  describe(`${name} as a model client`, () => {
    it('answers a prompt, with its tokens and latency', async () => {
      const reply = await complete()
      expect(reply).toMatchObject({ outcome: 'ok', text: answer, error: null })
      expect(reply.tokensIn).toBeGreaterThan(0)
      expect(reply.tokensOut).toBeGreaterThan(0)
      expect(Number.isInteger(reply.latencyMs) && reply.latencyMs >= 0).toBe(true)
    })

    it('gives the same answer to the same prompt', async () => {
      expect((await complete()).text).toBe((await complete()).text)
    })

    it('throws the reason of a caller that has gone', async () => {
      await expect(complete({ signal: AbortSignal.abort(new Error('cancelled by the workflow')) })).rejects.toThrow(
        'cancelled by the workflow',
      )
    })
  })
}
