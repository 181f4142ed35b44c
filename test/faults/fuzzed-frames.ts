import type { SeededRandom } from '@trader/core/market/seeded-random'

export const products: readonly string[] = ['BTC-USD', 'ETH-USD', 'SOL-USD']

/** A good tick is never further from the true price of its time than this; the tick check's own factor is 1.5 between two ticks. */
export const walkFactor = 1.6

/** One text of the stream, and what is known of it. */
export interface Frame {
  readonly text: string
  readonly sequence: number
  /** Numbered, but never sent. */
  readonly isLost: boolean
  /** "product time price" of a tick that must not be believed; null where there is none, or damage made it unknowable. */
  readonly mustNotPrice: string | null
}

export interface FuzzedFrames {
  /** The next frame, or two where their order is changed or one is sent twice. */
  readonly next: () => Frame[]
  /** Market time of the newest true price, ms. */
  readonly clock: () => number
  readonly priceAt: (product: string, time: number) => number
  /** Whether a later number has been sent, whole: only then can the loss be known. */
  readonly isOvertaken: (sequence: number) => boolean
}

const start = Date.UTC(2026, 10, 24)
const hourMs = 3_600_000

/**
 * Frames of a true random walk, half of them damaged: cut, filled with junk, sent twice, lost, out of order, or with a price, time,
 * quote, product or number that nobody may believe. The same seed makes the same frames.
 */
export function fuzzedFrames(random: SeededRandom): FuzzedFrames {
  const prices = new Map(products.map((product, index) => [product, 10 ** (index + 1)]))
  const truth = new Map<string, { times: number[]; prices: number[] }>(products.map((product) => [product, { times: [], prices: [] }]))
  let [place, sequence, time, whole] = [0, 0, start, -1]
  const draw = (detail: number): number => random.uniform(0, place, detail)
  const pick = <T>(values: readonly T[], detail: number): T => {
    const value = values[Math.floor(draw(detail) * values.length)]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }

  const advance = (): Ticker => {
    time += 1 + Math.floor(draw(1) * 40)
    const product = pick(products, 2)
    const price = (prices.get(product) ?? 1) * Math.exp(0.0002 * random.gaussian(1, place))
    prices.set(product, price)
    const walk = truth.get(product)
    walk?.times.push(time)
    walk?.prices.push(price)
    const text = price.toFixed(6)
    return { product, time, price: text, bid: (price * 0.9999).toFixed(6), ask: (price * 1.0001).toFixed(6) }
  }

  const next = (): Frame[] => {
    place += 1
    const kind = draw(0)
    const ticker = advance()
    const clean = (): Frame => {
      const frame = { text: frameText(ticker, sequence), sequence, isLost: false, mustNotPrice: null }
      whole = sequence
      sequence += 1
      return frame
    }
    if (kind < 0.45) return [clean()]
    if (kind < 0.5) return [tradeFrame()]
    if (kind < 0.55) return twice(clean())
    if (kind < 0.6) return [clean(), { ...clean(), text: frameText(advance(), sequence - 1) }].toReversed()
    if (kind < 0.65) return [lost(ticker)]
    if (kind < 0.85) return [unbelievable(ticker)]
    return [damaged(ticker)]
  }

  const lost = (ticker: Ticker): Frame => {
    const frame = { text: frameText(ticker, sequence), sequence, isLost: true, mustNotPrice: null }
    sequence += 1
    return frame
  }

  const twice = (frame: Frame): Frame[] => [frame, frame]

  const tradeFrame = (): Frame => {
    const trade = { trade_id: String(place), product_id: pick(products, 3), price: '10', size: '0.5', side: 'BUY', time: isoOf(time) }
    return numbered({ channel: 'market_trades', timestamp: isoOf(time), events: [{ type: 'update', trades: [trade] }] })
  }

  const numbered = (body: object): Frame => {
    const frame = { text: JSON.stringify({ ...body, sequence_num: sequence }), sequence, isLost: false, mustNotPrice: null }
    whole = sequence
    sequence += 1
    return frame
  }

  /** A whole frame whose content is a lie. */
  const unbelievable = (ticker: Ticker): Frame => {
    const price = Number(ticker.price)
    const times = (factor: number): Partial<Ticker> => ({
      price: (price * factor).toFixed(6),
      bid: (price * factor * 0.9999).toFixed(6),
      ask: (price * factor * 1.0001).toFixed(6),
    })
    const lie = pick<Record<string, unknown>>(
      [
        times(100),
        times(0.01),
        times(12),
        { price: '0' },
        { price: `-${ticker.price}` },
        { price: 'NaN' },
        { price: '1e309' },
        { price: 1e300 },
        { price: null },
        { price: { nested: [ticker.price] } },
        { price: ticker.price.padEnd(5000, '0') },
        { bid: (price * 1.2).toFixed(6) },
        { ask: (price * 3).toFixed(6), bid: (price / 3).toFixed(6) },
        { product: '\u202eBTC-USD' },
        { product: '__proto__' },
        { time: ticker.time + hourMs },
        { time: ticker.time - hourMs },
      ],
      4,
    )
    const told = { ...ticker, ...lie }
    const frame = { ...numbered(frameBody(told)) }
    return { ...frame, mustNotPrice: `${told.product} ${told.time} ${told.price}` }
  }

  /** A text that is no longer what was meant. Its number is lost unless it can still be read, which nobody promises. */
  const damaged = (ticker: Ticker): Frame => {
    const text = frameText(ticker, sequence)
    const from = Math.floor(draw(5) * text.length)
    const length = Math.floor(draw(6) * 40)
    const junk = pick(['', '"', '}', '{', '\u0000', '\u202e', '1e309', '[[[[', 'null', '\ud800', '9'.repeat(400), '"price":"1",'], 7)
    const whatever = [
      text.slice(0, from) + junk + text.slice(from + length),
      text.slice(0, from),
      junk,
      JSON.stringify([text]),
      `{"channel":"ticker","timestamp":"${isoOf(time)}","sequence_num":${pick(['-1', '1e400', '"7"', 'null', '1.5'], 8)},"events":[]}`,
      '['.repeat(5000),
      place % 500 === 0 ? 'x'.repeat(1_000_001) : 'x',
      frameText(ticker, sequence).replace('"tickers":[', `"tickers":[${'{},'.repeat(200)}`),
    ]
    const frame = { text: pick(whatever, 9), sequence, isLost: false, mustNotPrice: null }
    sequence += 1
    return frame
  }

  const priceAt = (product: string, at: number): number => {
    const walk = truth.get(product)
    if (walk === undefined) return Number.NaN
    const after = walk.times.findLastIndex((each) => each <= at)
    return walk.prices[Math.max(after, 0)] ?? Number.NaN
  }
  return { next, clock: () => time, priceAt, isOvertaken: (lost) => whole > lost }
}

interface Ticker {
  readonly product: string
  readonly time: number
  readonly price: string
  readonly bid: string
  readonly ask: string
}

function frameBody({ product, time, price, bid, ask }: Record<keyof Ticker, unknown>): object {
  const ticker = { type: 'ticker', product_id: product, price, best_bid: bid, best_ask: ask, volume_24_h: '1' }
  return { channel: 'ticker', timestamp: isoOf(Number(time)), events: [{ type: 'update', tickers: [ticker] }] }
}

function frameText(ticker: Ticker, sequence: number): string {
  return JSON.stringify({ ...frameBody(ticker), sequence_num: sequence })
}

function isoOf(time: number): string {
  return new Date(time).toISOString()
}
