import { setImmediate as turn } from 'node:timers/promises'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Tick } from '@trader/core/contract/tick'
import { seededRandom } from '@trader/core/market/seeded-random'
import { checkTicks, startTickCheck } from '@trader/core/market/tick-check'
import { noVolume } from '@trader/server/exchange/minute-volume'
import { collectFeed } from '@trader/server/exchange/coinbase/coinbase-feed'
import { openCoinbaseStream } from '@trader/server/exchange/coinbase/coinbase-stream'
import { type Frame, fuzzedFrames, type FuzzedFrames, products, walkFactor } from './fuzzed-frames.ts'

/** What a fuzzed run of the feed came to. `violations` is empty where every promise held. */
export interface FuzzedFeed {
  readonly messages: number
  readonly good: number
  readonly quarantined: Readonly<Record<string, number>>
  readonly malformed: number
  readonly gaps: number
  readonly violations: readonly string[]
}

/** Ticks later than the market clock by more than this are of the future (the feed's own tolerance is of the same size). */
const toleranceMs = 2000
const messagesPerBatch = 2000

/**
 * Sends `messages` frames, most of them damaged, through a real socket, Coinbase's stream and feed, and the tick check, and
 * holds what comes out against the truth the frames were made from.
 */
export async function fuzzFeed({ seed, messages }: { readonly seed: number; readonly messages: number }): Promise<FuzzedFeed> {
  const server = await socketServer()
  const frames = fuzzedFrames(seededRandom(seed, 'fuzzed-feed'))
  const witness = witnessOf(frames)
  const clock = { now: () => frames.clock(), sleepUntil: async () => {} }
  const feed = collectFeed({ served: new Map(products.map((id) => [id, noVolume])), clock, candlesOf: async () => [] })
  const stream = openCoinbaseStream({
    url: server.url,
    products,
    onEvent: feed.receive,
    timing: { silenceMs: 60_000, firstBackOffMs: 10, longestBackOffMs: 10 },
  })
  const client = await server.client
  let check = startTickCheck(products)
  try {
    for (let sent = 0; sent < messages; sent += messagesPerBatch) {
      const batch = Array.from({ length: Math.min(messagesPerBatch, messages - sent) }, () => frames.next()).flat()
      for (const frame of batch) if (!frame.isLost) client.send(frame.text)
      const marker = `end of ${sent}`
      client.send(marker)
      while (!feed.notices.some((notice) => notice.type === 'malformed' && notice.raw === marker)) await turn()
      const raws = feed.ticks.splice(0)
      const notices = feed.notices.splice(0)
      const checked = checkTicks(check, raws, { clock: frames.clock(), toleranceMs })
      check = checked.check
      witness.see({ batch, notices, checked })
    }
    return witness.verdict(messages)
  } finally {
    stream.close()
    await server.close()
  }
}

interface Seen {
  readonly batch: readonly Frame[]
  readonly notices: ReturnType<typeof collectFeed>['notices']
  readonly checked: ReturnType<typeof checkTicks>
}

/** Holds each batch against the truth. */
function witnessOf(frames: FuzzedFrames) {
  const violations: string[] = []
  const quarantined: Record<string, number> = {}
  const lastGood = new Map<string, Tick>()
  let [good, malformed, gaps] = [0, 0, 0]

  const seeTick = (tick: Tick, clock: number): void => {
    const before = lastGood.get(tick.product)
    const say = (what: string): void => void violations.push(`${what}: ${JSON.stringify(tick)}`)
    if (!products.includes(tick.product)) say('a tick of an unknown product')
    if (before !== undefined && tick.market_time <= before.market_time) say(`not after ${before.market_time}`)
    if (tick.market_time > clock + toleranceMs) say(`of the future at ${clock}`)
    if (!(Number(tick.bid) > 0) || Number(tick.bid) > Number(tick.ask)) say('a quote that cannot be')
    const truth = frames.priceAt(tick.product, tick.market_time)
    const factor = Math.max(Number(tick.price) / truth, truth / Number(tick.price))
    // A digit lost in the middle of a text can leave a believable price; nothing further away may pass.
    if (!(factor <= walkFactor)) say(`the price was ${truth} then`)
    lastGood.set(tick.product, tick)
  }

  const see = ({ batch, notices, checked }: Seen): void => {
    good += checked.good.length
    for (const tick of checked.good) seeTick(tick, frames.clock())
    for (const { reason, raw } of checked.quarantined) {
      quarantined[reason] = (quarantined[reason] ?? 0) + 1
      if (raw.length > 500) violations.push(`evidence of ${raw.length} characters`)
    }
    malformed += notices.filter(({ type }) => type === 'malformed').length - 1
    const told = notices.filter((notice) => notice.type === 'sequence_gap')
    gaps += told.length
    const broken = notices.filter(({ type }) => type === 'disconnected')
    if (broken.length > 0) violations.push(`the connection broke: ${JSON.stringify(broken)}`)
    for (const { isLost, sequence } of batch)
      if (isLost && !told.some(({ expected, received }) => expected <= sequence && sequence < received) && frames.isOvertaken(sequence))
        violations.push(`the lost message ${sequence} was not told`)
    seeUnbelievable(batch, checked.good)
  }

  /** A frame with a price, time or product that must not be believed must not be among the good ticks. */
  const seeUnbelievable = (batch: readonly Frame[], ticks: readonly Tick[]): void => {
    const priced = new Set(ticks.map(({ product, market_time, price }) => `${product} ${market_time} ${price}`))
    for (const { mustNotPrice } of batch)
      if (mustNotPrice !== null && priced.has(mustNotPrice)) violations.push(`believed: ${mustNotPrice}`)
  }

  const verdict = (messages: number): FuzzedFeed => ({ messages, good, quarantined, malformed, gaps, violations: violations.slice(0, 20) })
  return { see, verdict }
}

/** A server whose one client is the stream. */
async function socketServer(): Promise<{ url: URL; client: Promise<WebSocket>; close: () => Promise<void> }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 4_000_000 })
  const client = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const close = async (): Promise<void> => {
    for (const each of server.clients) each.terminate()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: new URL(`ws://127.0.0.1:${address.port}`), client, close }
}
