import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type SimulatedMarket, simulatedMarket } from '@trader/core/market/simulated-market'

/** How an answer goes wrong: a status, an answer that never comes or ends, or one that is no JSON. */
export type CcxtFault = 429 | 500 | 'silent' | 'stalled' | 'malformed' | 'empty'

/** A server on loopback that speaks the formats of Bitstamp's public REST: markets, tickers and minute candles. It can misbehave. */
export interface CcxtServer {
  /** What openCcxtSource takes to reach it. */
  readonly urls: { readonly api: { readonly public: string } }
  /** Paths asked for, in order. */
  readonly asked: readonly string[]
  /** What the ticker of a product says, in place of a simulated market. */
  readonly setTicker: (product: string, fields: Readonly<Record<string, string>>) => void
  /** Questions about the product (`*`: all; empty: the one about all products) go wrong from now on; null: no longer. `part` picks tickers or candles. */
  readonly fail: (product: string, fault: CcxtFault | null, part?: 'ticker' | 'ohlc') => void
  readonly openRequests: () => number
  readonly close: () => Promise<void>
}

const products = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'ADA-USD', 'LTC-USD', 'AVAX-USD']
const minuteSec = 60

export async function startCcxtServer(): Promise<CcxtServer> {
  const markets = new Map(products.map((product) => [pairOf(product), openMarket(product)]))
  const tickers = new Map<string, Readonly<Record<string, string>>>()
  const faults = new Map<string, CcxtFault>()
  const asked: string[] = []
  let openRequests = 0

  const tickerOf = (pair: string, market: SimulatedMarket): Record<string, string> => {
    const now = Date.now()
    const tick = market.ticksBetween({ from: now - 240_000, to: now }).at(-1)
    const quote = { last: tick?.price ?? '1', bid: tick?.bid ?? '1', ask: tick?.ask ?? '1', volume: '1440' }
    return { timestamp: String(Math.floor(now / 1000) - 7), pair: market.product.replace('-', '/'), ...quote, ...tickers.get(pair) }
  }

  const answer = (path: string, query: URLSearchParams): unknown => {
    const [, , part, pair = ''] = path.split('/')
    if (part === 'markets') return [...markets].map(([pair, { product }]) => describeMarket(pair, product))
    const market = markets.get(pair)
    if (part === 'ticker' && pair === '') {
      const well = [...markets].filter(([pair]) => !faults.has(`ticker ${pair}`))
      return well.map(([pair, market]) => tickerOf(pair, market))
    }
    if (market === undefined) return null
    return part === 'ticker' ? tickerOf(pair, market) : { data: { pair, ohlc: candlesOf(market, query) } }
  }

  const server = createServer((request, response) => {
    openRequests += 1
    response.on('close', () => (openRequests -= 1))
    const { pathname, searchParams } = urlOf(request)
    asked.push(pathname)
    const [, , part, pair = ''] = pathname.split('/')
    const fault = part === 'markets' ? undefined : (faults.get(`${part} *`) ?? faults.get(`${part} ${pair}`))
    if (fault !== undefined) return misbehave(response, fault)
    const body = answer(pathname, searchParams)
    send(response, body === null ? 404 : 200, JSON.stringify(body ?? { error: 'not found' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a listening TCP server has a port
  return {
    urls: { api: { public: `http://127.0.0.1:${port}` } },
    asked,
    setTicker: (product, fields) => void tickers.set(pairOf(product), fields),
    fail: (product, fault, part = 'ticker') => {
      const key = `${part} ${product === '*' ? product : pairOf(product)}`
      if (fault === null) faults.delete(key)
      else faults.set(key, fault)
    },
    openRequests: () => openRequests,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function misbehave(response: ServerResponse, fault: CcxtFault): void {
  switch (fault) {
    case 429:
      return send(response, 429, '{"error":"too many requests"}')
    case 500:
      return send(response, 500, '<html>oops</html>')
    case 'silent':
      return
    case 'stalled':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{"last"')
      return
    case 'malformed':
      return send(response, 200, '<html>we are moving</html>')
    case 'empty':
      return send(response, 200, '{}')
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body)
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://loopback')
}

function openMarket(product: string): SimulatedMarket {
  const opened = simulatedMarket({ seed: 1, product })
  if (!opened.ok) throw new Error(opened.detail)
  return opened.market
}

function pairOf(product: string): string {
  return product.replace('-', '').toLowerCase()
}

function describeMarket(pair: string, product: string): Record<string, string | number> {
  const [base = '', quote = ''] = product.split('-')
  return {
    name: `${base}/${quote}`,
    market_symbol: pair,
    base_currency: base,
    base_decimals: 8,
    counter_currency: quote,
    counter_decimals: 8,
    minimum_order_value: '10',
    trading: product === 'AVAX-USD' ? 'Disabled' : 'Enabled',
    market_type: 'SPOT',
  }
}

/** Candles that begin in [start, end], oldest first, the one under way included. */
function candlesOf(market: SimulatedMarket, query: URLSearchParams): Record<string, string>[] {
  const [start, end, limit] = ['start', 'end', 'limit'].map((name) => Number(query.get(name)))
  const from = Math.ceil((start ?? 0) / minuteSec) * minuteSec * 1000
  const to = Math.min((end ?? 0) * 1000, Date.now()) + minuteSec * 1000
  return market
    .candlesBetween({ from, to })
    .slice(0, limit)
    .map(({ start, open, high, low, close, volume }) => ({ timestamp: String(start / 1000), open, high, low, close, volume }))
}
