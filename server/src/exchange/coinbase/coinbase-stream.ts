import { readCoinbaseMessage, type CoinbaseMessage } from './coinbase-messages.ts'

/** What a stream tells, in the order it happened. */
export type StreamEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected'; readonly detail: string }
  | { readonly type: 'sequence_gap'; readonly expected: number; readonly received: number }
  | { readonly type: 'message'; readonly message: CoinbaseMessage }

export interface StreamOptions {
  readonly url: URL
  readonly products: readonly string[]
  readonly onEvent: (event: StreamEvent) => void
  readonly timing?: StreamTiming
  /** Between 0 and 1. */
  readonly random?: () => number
}

export interface StreamTiming {
  /** Heartbeats come each second: a connection that is silent for so long is dead. */
  readonly silenceMs: number
  readonly firstBackOffMs: number
  readonly longestBackOffMs: number
}

const usualTiming: StreamTiming = { silenceMs: 5000, firstBackOffMs: 500, longestBackOffMs: 30_000 }
const channels = ['heartbeats', 'ticker', 'market_trades']

/**
 * Keeps one connection to Coinbase's public stream: subscribes, counts `sequence_num` (one more with each message of a connection),
 * and connects again, with doubling back-off and jitter, when it breaks or falls silent. A connection that has brought a
 * message starts the back-off anew.
 */
export function openCoinbaseStream({ url, products, onEvent, timing = usualTiming, random = Math.random }: StreamOptions): {
  readonly close: () => void
} {
  let socket: WebSocket | null = null
  let isClosed = false
  let failures = 0
  let expected: number | null = null
  let silence: NodeJS.Timeout | undefined
  let retry: NodeJS.Timeout | undefined

  const connect = (): void => {
    const opening = new WebSocket(url)
    socket = opening
    expected = null
    awaitMessage()
    opening.addEventListener('open', () => {
      if (socket !== opening) return
      for (const channel of channels)
        opening.send(JSON.stringify({ type: 'subscribe', channel, ...(channel === 'heartbeats' ? {} : { product_ids: products }) }))
      onEvent({ type: 'connected' })
    })
    opening.addEventListener('message', ({ data }) => {
      if (socket === opening) receive(String(data))
    })
    opening.addEventListener('error', () => lose(opening, 'connection failed'))
    opening.addEventListener('close', ({ code, reason }) => lose(opening, `closed with code ${code}${reason === '' ? '' : `: ${reason}`}`))
  }

  const awaitMessage = (): void => {
    clearTimeout(silence)
    const waited = socket
    silence = setTimeout(() => waited && lose(waited, `silent for ${timing.silenceMs} ms`), timing.silenceMs)
  }

  const receive = (text: string): void => {
    failures = 0
    awaitMessage()
    const message = readCoinbaseMessage(text)
    if ('sequence' in message) {
      if (expected !== null && message.sequence > expected) onEvent({ type: 'sequence_gap', expected, received: message.sequence })
      expected = Math.max(message.sequence + 1, expected ?? 0)
    }
    onEvent({ type: 'message', message })
  }

  /** Ends a connection once, whichever of error, close and silence comes first. */
  const lose = (lost: WebSocket, detail: string): void => {
    if (socket !== lost) return
    socket = null
    clearTimeout(silence)
    lost.close()
    if (isClosed) return
    onEvent({ type: 'disconnected', detail })
    const backOffMs = Math.min(timing.firstBackOffMs * 2 ** failures, timing.longestBackOffMs)
    failures += 1
    retry = setTimeout(connect, backOffMs * (0.5 + random() / 2))
  }

  connect()
  return {
    close: () => {
      isClosed = true
      clearTimeout(silence)
      clearTimeout(retry)
      socket?.close()
      socket = null
    },
  }
}
