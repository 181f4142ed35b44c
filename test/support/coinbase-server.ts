import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { simulatedMarket, type SimulatedMarket } from '@trader/core/market/simulated-market'

/** A server on loopback that speaks the formats of Coinbase's public market data: the stream and the candles. It can misbehave. */
export interface CoinbaseServer {
  readonly restUrl: string
  readonly streamUrl: string
  /** Messages clients sent, and connections they made. */
  readonly received: readonly unknown[]
  readonly connections: () => number
  readonly sendTicker: (ticker: { product: string; price: unknown; bid?: unknown; ask?: unknown; time?: number }) => void
  readonly sendTrade: (trade: {
    product: string
    price: string
    size: string
    id: number
    time?: number
    type?: 'update' | 'snapshot'
  }) => void
  readonly sendText: (text: string) => void
  readonly faults: {
    /** The next messages are numbered, and lost. */
    readonly loseMessages: (count: number) => void
    readonly disconnect: () => void
    /** No message and no heartbeat until it ends. */
    readonly silence: (isSilent: boolean) => void
    /** Candles of this product are answered with this status. */
    readonly failCandles: (product: string, status: number) => void
  }
  readonly close: () => Promise<void>
}

export interface CoinbaseServerOptions {
  /** Sends a ticker of each subscribed product so often; 0 for only what the test sends. */
  readonly tickerEveryMs?: number
  readonly heartbeatMs?: number
}

interface Client {
  readonly socket: WebSocket
  readonly products: Set<string>
  sequence: number
}

export async function startCoinbaseServer({ tickerEveryMs = 0, heartbeatMs = 1000 }: CoinbaseServerOptions = {}): Promise<CoinbaseServer> {
  const markets = new Map<string, SimulatedMarket>()
  const failures = new Map<string, number>()
  const clients = new Set<Client>()
  const received: unknown[] = []
  let [connections, toLose, isSilent] = [0, 0, false]

  const server = createServer((request, response) =>
    answerCandles({ request, response, failures, marketOf: (product) => marketOf(markets, product) }),
  )
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    connections += 1
    const client: Client = { socket, products: new Set(), sequence: 0 }
    clients.add(client)
    socket.on('close', () => clients.delete(client))
    socket.on('message', (data: Buffer) => {
      const message: unknown = JSON.parse(data.toString('utf8'))
      received.push(message)
      for (const product of productsOf(message)) client.products.add(product)
      send(client, 'subscriptions', [{ subscriptions: {} }])
    })
  })

  const send = (client: Client, channel: string, events: readonly unknown[], time = Date.now()): void => {
    if (isSilent) return
    const text = JSON.stringify({ channel, timestamp: new Date(time).toISOString(), sequence_num: client.sequence, events })
    client.sequence += 1
    if (toLose > 0 && channel !== 'heartbeats') toLose -= 1
    else client.socket.send(text)
  }
  const sendAll = (channel: string, events: readonly unknown[], time?: number): void =>
    clients.forEach((client) => send(client, channel, events, time))
  const sendTicker: CoinbaseServer['sendTicker'] = ({ product, price, bid = price, ask = price, time }) =>
    sendAll(
      'ticker',
      [{ type: 'update', tickers: [{ type: 'ticker', product_id: product, price, best_bid: bid, best_ask: ask, volume_24_h: '1' }] }],
      time,
    )

  const timers = [setInterval(() => sendAll('heartbeats', [{ current_time: new Date().toISOString(), heartbeat_counter: 1 }]), heartbeatMs)]
  if (tickerEveryMs > 0) {
    timers.push(
      setInterval(() => {
        for (const product of subscribedBy(clients)) {
          const now = Date.now()
          const tick = marketOf(markets, product)
            ?.ticksBetween({ from: now - 240_000, to: now })
            .at(-1)
          if (tick) sendTicker({ product, price: tick.price, bid: tick.bid, ask: tick.ask })
        }
      }, tickerEveryMs),
    )
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a listening TCP server has a port
  return {
    restUrl: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}`,
    received,
    connections: () => connections,
    sendTicker,
    sendTrade: ({ product, price, size, id, time = Date.now(), type = 'update' }) =>
      sendAll('market_trades', [
        { type, trades: [{ trade_id: String(id), product_id: product, price, size, side: 'BUY', time: new Date(time).toISOString() }] },
      ]),
    sendText: (text) => clients.forEach((client) => client.socket.send(text)),
    faults: {
      loseMessages: (count) => {
        toLose += count * clients.size
      },
      disconnect: () => clients.forEach((client) => client.socket.terminate()),
      silence: (silent) => {
        isSilent = silent
      },
      failCandles: (product, status) => void failures.set(product, status),
    },
    close: async () => {
      timers.forEach(clearInterval)
      clients.forEach((client) => client.socket.terminate())
      sockets.close()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function subscribedBy(clients: Iterable<Client>): Set<string> {
  const products = new Set<string>()
  for (const client of clients) for (const product of client.products) products.add(product)
  return products
}

function productsOf(message: unknown): string[] {
  if (typeof message !== 'object' || message === null || !('product_ids' in message) || !Array.isArray(message.product_ids)) return []
  return message.product_ids.map(String)
}

function marketOf(markets: Map<string, SimulatedMarket>, product: string): SimulatedMarket | undefined {
  const opened = markets.has(product) ? undefined : simulatedMarket({ seed: 1, product })
  if (opened?.ok) markets.set(product, opened.market)
  return markets.get(product)
}

/** Candles of a product, the newest first, at most 350, as Coinbase sends them. */
function answerCandles(options: {
  request: IncomingMessage
  response: ServerResponse
  failures: ReadonlyMap<string, number>
  marketOf: (product: string) => SimulatedMarket | undefined
}): void {
  const { request, response, failures, marketOf } = options
  const url = new URL(request.url ?? '/', 'http://loopback')
  const product = /^\/api\/v3\/brokerage\/market\/products\/([^/]+)\/candles$/.exec(url.pathname)?.[1]
  const market = product === undefined ? undefined : marketOf(product)
  const status = failures.get(product ?? '') ?? (market === undefined ? 404 : 200)
  const [from, to] = [Number(url.searchParams.get('start')) * 1000, Number(url.searchParams.get('end')) * 1000]
  const candles = (status === 200 && market ? market.candlesBetween({ from, to: to + 60_000 }) : []).slice(-350).toReversed()
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(
    JSON.stringify({
      candles: candles.map(({ start, low, high, open, close, volume }) => ({
        start: String(start / 1000),
        low,
        high,
        open,
        close,
        volume,
      })),
    }),
  )
}
