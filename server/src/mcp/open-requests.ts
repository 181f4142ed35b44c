import { z } from 'zod'

const requestId = z.union([z.string(), z.int()])
// A subscription is answered only by its end.
const request = z.object({
  jsonrpc: z.literal('2.0'),
  id: requestId,
  method: z.string().refine((method) => method !== 'subscriptions/listen'),
})
const response = z.object({ jsonrpc: z.literal('2.0'), id: requestId, method: z.never().optional() })
const cancelled = z.object({ method: z.literal('notifications/cancelled'), params: z.object({ requestId }) })

/** The requests of one connection that are not answered yet. */
export class OpenRequests {
  readonly #open = new Set<string | number>()
  #noneLeft = Promise.withResolvers<void>()

  asked(message: unknown): void {
    const asking = request.safeParse(message)
    if (asking.success) this.#open.add(asking.data.id)
    const cancelling = cancelled.safeParse(message)
    if (cancelling.success) this.#settle(cancelling.data.params.requestId)
  }

  /** `text` is one message as it was written out. */
  answered(text: string): void {
    const answer = response.safeParse(JSON.parse(text))
    if (answer.success) this.#settle(answer.data.id)
  }

  /** Waits for the last answer, and no longer than this. */
  async allAnswered(timeoutMs: number): Promise<void> {
    if (this.#open.size === 0) return
    this.#noneLeft = Promise.withResolvers<void>()
    const timer = setTimeout(() => this.#noneLeft.resolve(), timeoutMs)
    await this.#noneLeft.promise
    clearTimeout(timer)
  }

  #settle(id: string | number): void {
    this.#open.delete(id)
    if (this.#open.size === 0) this.#noneLeft.resolve()
  }
}
