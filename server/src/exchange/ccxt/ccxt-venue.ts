import type { Exchange } from 'ccxt'
import { z } from 'zod'
import { knownProducts } from '@trader/core/market/known-products'
import { describeError } from '../../exit-code.ts'

export interface VenueOptions {
  /** One of ccxt's own names. An exchange is never reached by an address of a caller. */
  readonly name: string
  readonly timeoutMs: number
  /** Ends every request. */
  readonly signal: AbortSignal
  /** For tests: where the exchange's public interface is. */
  readonly urls?: { readonly api: { readonly public: string } }
}

/** What can go wrong with a question: nobody answers, we asked too often, or the answer is no. */
export type Fault = 'unreachable' | 'too_often' | 'refused'

/** An exchange's public market data. Products are ours (BTC-USD), amounts are exact texts. */
export interface CcxtVenue {
  readonly name: string
  /** Least time between two requests, ms; ccxt keeps it. */
  readonly rateLimitMs: number
  readonly has: { readonly ticker: boolean; readonly tickers: boolean; readonly minuteCandles: boolean }
  readonly ticker: (product: string) => Promise<CcxtTicker>
  /** A product that the exchange left out is missing. */
  readonly tickers: (products: readonly string[]) => Promise<ReadonlyMap<string, CcxtTicker>>
  /** One page of one-minute candles from `since` (ms) on, the one under way included. */
  readonly minuteCandles: (product: string, page: { readonly since: number; readonly limit: number }) => Promise<CcxtCandle[]>
  readonly faultOf: (error: unknown) => Fault
}

type Ccxt = typeof import('ccxt')

const amount = z.string().nullish()
const ticker = z.object({ last: amount, bid: amount, ask: amount, baseVolume: amount, info: z.unknown() })
export type CcxtTicker = z.infer<typeof ticker>

const candle = z.tuple([z.int(), z.string(), z.string(), z.string(), z.string(), z.string().nullish()])
export type CcxtCandle = z.infer<typeof candle>

/** Opens an exchange that ccxt knows, if it trades all of the products; else throws and says what there is. */
export async function openCcxtVenue(options: VenueOptions, products: readonly string[]): Promise<CcxtVenue> {
  const ccxt = await import('ccxt') // takes two seconds: only who needs it pays them
  const { name } = options
  const known = ccxt.default.exchanges
  if (!known.includes(name)) throw new Error(`ccxt knows no exchange ${JSON.stringify(name)}; it knows ${known.join(', ')}`)
  const exchange = newExchange(ccxt, options)
  const has = {
    ticker: exchange.has['fetchTicker'] === true,
    tickers: exchange.has['fetchTickers'] === true,
    minuteCandles: exchange.has['fetchOHLCV'] === true && '1m' in exchange.timeframes,
  }
  if (!has.ticker && !has.tickers) throw new Error(`${name} has no public tickers`)
  await loadMarkets(exchange)
  refuseUnknown(exchange, products)

  return {
    name,
    rateLimitMs: exchange.rateLimit ?? 0,
    has,
    ticker: async (product) => ticker.parse(await exchange.fetchTicker(symbolOf(product))),
    tickers: async (asked) => {
      const answers = await exchange.fetchTickers(asked.map(symbolOf))
      const found = asked.flatMap((product) => {
        const answer = answers[symbolOf(product)]
        return answer === undefined ? [] : [[product, ticker.parse(answer)] as const]
      })
      return new Map(found)
    },
    minuteCandles: async (product, { since, limit }) =>
      z.array(candle).parse(await exchange.fetchOHLCV(symbolOf(product), '1m', since, limit)),
    faultOf: (error) => {
      if (error instanceof ccxt.RateLimitExceeded || error instanceof ccxt.DDoSProtection) return 'too_often'
      return error instanceof ccxt.NetworkError || isBrokenConnection(error) ? 'unreachable' : 'refused'
    },
  }
}

/** The text of an error for people: ccxt's hold whole pages of an exchange. */
export function detailOf(error: unknown): string {
  return describeError(error).slice(0, 300)
}

function symbolOf(product: string): string {
  return product.replace('-', '/')
}

function newExchange(ccxt: Ccxt, { name, timeoutMs, signal, urls }: VenueOptions): Exchange {
  // Each name in ccxt's list is a class of its module.
  const Named = Reflect.get(ccxt.default, name) as new (config: object) => Exchange
  const exchange = new Named({ enableRateLimit: true, timeout: timeoutMs, ...(urls && { urls }) })
  exchange.number = String as unknown as NumberConstructor // ccxt's own switch for exact amounts, though its type is only Number
  exchange.has['fetchCurrencies'] = false // of no use without an account
  // ccxt's own timeout ends with the headers, and it knows no signal.
  exchange.fetchImplementation = async (url: string, { method, headers, body }: RequestInit) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const response = await fetch(url, { method, headers, body, redirect: 'error', signal: ends } as RequestInit) // undefined is absent to fetch
    refuseStatus(ccxt, name, response)
    return response
  }
  return exchange
}

/** Some exchanges' errors hide from ccxt that the status says to slow down, or that nobody is there. */
function refuseStatus(ccxt: Ccxt, name: string, { status, body }: Response): void {
  if (status < 500 && status !== 429 && status !== 418) return
  void body?.cancel()
  if (status >= 500) throw new ccxt.ExchangeNotAvailable(`${name} answers with status ${status}`)
  throw new ccxt.RateLimitExceeded(`${name} wants fewer questions (status ${status})`)
}

async function loadMarkets(exchange: Exchange): Promise<void> {
  const [loaded] = await Promise.allSettled([exchange.loadMarkets()])
  if (loaded.status === 'rejected') throw new Error(`cannot read the markets of ${exchange.id}: ${detailOf(loaded.reason)}`)
}

function refuseUnknown(exchange: Exchange, products: readonly string[]): void {
  const trades = (product: string): boolean => {
    const market = exchange.markets?.[symbolOf(product)]
    return market !== undefined && market.spot !== false && market.active !== false
  }
  const missing = products.filter((product) => !trades(product))
  if (missing.length === 0) return
  const served = knownProducts.map((product) => product.id).filter(trades)
  const offer = served.length === 0 ? 'it trades none of the products known here' : `of those known here it trades ${served.join(', ')}`
  throw new Error(`${exchange.id} does not trade ${missing.join(', ')}; ${offer}`)
}

/** What fetch throws while it reads a body, which ccxt passes on as it is. */
function isBrokenConnection(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && ['AbortError', 'TimeoutError'].includes(error.name))
}
