import type { z } from 'zod'
import { tick as tickSchema, type QuarantineReason, type Tick } from '../contract/tick.ts'

/** What is remembered of a product to judge its next tick. Plain JSON. */
export interface LastGoodTick {
  readonly market_time: number
  readonly price: number
  /** A price too far away to believe, and how many ticks in a row have agreed with it. */
  readonly doubted: { readonly price: number; readonly seen: number } | null
  /** Base units of the last candle or minute that had any; null before the first. */
  readonly volume: number | null
  /** Such a volume that is too large to believe, and how many different ones in a row have agreed with it. */
  readonly doubted_volume: { readonly volume: number; readonly seen: number } | null
}

/** One entry per product of the run; null before its first good tick. */
export type TickCheck = Readonly<Record<string, LastGoodTick | null>>

export interface Quarantined {
  readonly reason: QuarantineReason
  readonly detail: string
  readonly product: string | null
  readonly market_time: number | null
  /** The refused message as JSON, cut at 500 characters. */
  readonly raw: string
}

export interface CheckedBatch {
  readonly good: readonly Tick[]
  readonly quarantined: readonly Quarantined[]
  readonly check: TickCheck
}

/**
 * How far a price may be from the last good one, as a factor either way: half as much again, or two thirds. Real markets of
 * the pairs we know do not move so far between two ticks; a shifted decimal point does (x10, x100).
 */
export const absurdFactor = 1.5
/** A doubted price becomes the new level once this many ticks in a row are within `confirmingFactor` of it... */
export const confirmingTicks = 3
export const confirmingFactor = 1.05
/** ...unless it is further away than this: then only a new run, with new history, believes it. */
export const neverBelievedFactor = 10

/**
 * A volume is absurd when it is more than so many times the last candle's (neighbouring minutes of real markets differ up to
 * 3,000 times) and, at the tick's price, more than so much of the quote currency a candle. Fills may take a share of it.
 */
export const absurdVolumeFactor = 10_000
export const plausibleNotional = 1_000_000
/** Three different volumes in a row within this factor of each other are the new level. */
const confirmingVolumeFactor = 100

/** What was known of a product before a tick: its last price, and the volume of its last candle that had any. */
export interface Anchor {
  readonly market_time: number
  readonly price: string
  readonly volume?: string | null
}

/** A check before the first tick. `anchors` come from history, per product: without one the first tick is believed. */
export function startTickCheck(products: readonly string[], anchors: ReadonlyMap<string, Anchor> = new Map()): TickCheck {
  return Object.fromEntries(
    products.map((product) => {
      const anchor = anchors.get(product)
      if (anchor === undefined) return [product, null]
      const { market_time, price, volume } = anchor
      return [
        product,
        { market_time, price: Number(price), doubted: null, volume: volume == null ? null : Number(volume), doubted_volume: null },
      ]
    }),
  )
}

/**
 * Parts the good ticks of a batch from those that must never price an order, in the order they came.
 * `clock` is the market time now; a tick later than it by more than `toleranceMs` is of the future.
 */
export function checkTicks(
  check: TickCheck,
  raws: readonly unknown[],
  limits: { readonly clock: number; readonly toleranceMs: number },
): CheckedBatch {
  const products: Record<string, LastGoodTick | null> = { ...check }
  const good: Tick[] = []
  const quarantined: Quarantined[] = []
  for (const raw of raws) {
    const verdict = checkTick(products, raw, limits.clock + limits.toleranceMs)
    if ('last' in verdict) products[verdict.product] = verdict.last
    if (verdict.tick !== null) good.push(verdict.tick)
    else quarantined.push({ reason: verdict.reason, detail: verdict.detail, ...identityOf(raw), raw: evidenceOf(raw) })
  }
  return { good, quarantined, check: products }
}

interface Refusal {
  readonly tick: null
  readonly reason: QuarantineReason
  readonly detail: string
}
type Verdict =
  | { readonly tick: Tick; readonly product: string; readonly last: LastGoodTick }
  | Refusal
  | (Refusal & { readonly product: string; readonly last: LastGoodTick })

function checkTick(check: TickCheck, raw: unknown, latest: number): Verdict {
  const parsed = tickSchema.safeParse(raw)
  if (!parsed.success) return refuseShape(raw, parsed.error)
  const tick = parsed.data
  if (!Object.hasOwn(check, tick.product)) return refuse('UNKNOWN_PRODUCT', `${tick.product} is not a product of this run`)
  const last = check[tick.product] ?? null
  return checkTime(tick, last, latest) ?? checkQuote(tick) ?? checkVolume(tick, last) ?? checkPrice(tick, last)
}

function checkTime({ market_time: time }: Tick, last: LastGoodTick | null, latest: number): Refusal | null {
  if (time > latest) return refuse('FUTURE', `market time ${time} is ${time - latest} ms beyond what may be known`)
  if (last === null || time > last.market_time) return null
  if (time === last.market_time) return refuse('DUPLICATE', `a tick of market time ${time} was already taken`)
  return refuse('LATE', `market time ${time} is ${last.market_time - time} ms before the last tick`)
}

function checkQuote({ price, bid, ask }: Tick): Refusal | null {
  if (Number(bid) > Number(ask)) return refuse('CROSSED_QUOTE', `bid ${bid} is above ask ${ask}`)
  for (const [name, quote] of Object.entries({ bid, ask })) {
    const factor = factorBetween(Number(quote), Number(price))
    if (factor > absurdFactor) return refuse('ABSURD_PRICE', `${name} ${quote} is x${factor.toPrecision(3)} away from the price ${price}`)
  }
  return null
}

/** Null: the volumes are plausible, or have become the new level. */
function checkVolume(tick: Tick, last: LastGoodTick | null): Verdict | null {
  if (last === null || last.volume === null) return null
  const { product } = tick
  const [price, candle, minute] = [Number(tick.price), Number(tick.candle_volume), Number(tick.last_minute_notional ?? 0)]
  const volume = Math.max(candle, Number(tick.volume), minute / price)
  const factor = volume / last.volume
  if (factor <= absurdVolumeFactor || volume * price <= plausibleNotional) return null
  const doubted = doubtVolume(last.doubted_volume, volume)
  if (doubted.seen >= confirmingTicks) return null
  const detail = `a volume of ${volume} is x${factor.toPrecision(3)} the last one, ${last.volume}`
  return { ...refuse('ABSURD_VOLUME', detail), product, last: { ...last, doubted_volume: doubted } }
}

/** The ticks of one candle all tell its volume: only another one confirms it. */
function doubtVolume(doubted: LastGoodTick['doubted_volume'], volume: number): NonNullable<LastGoodTick['doubted_volume']> {
  if (doubted === null || factorBetween(volume, doubted.volume) > confirmingVolumeFactor) return { volume, seen: 1 }
  return volume === doubted.volume ? doubted : { volume, seen: doubted.seen + 1 }
}

function checkPrice(tick: Tick, last: LastGoodTick | null): Verdict {
  const { product, market_time } = tick
  const price = Number(tick.price)
  const factor = last === null ? 1 : factorBetween(price, last.price)
  const believed = { market_time, price, doubted: null, volume: Number(tick.candle_volume) || (last?.volume ?? null), doubted_volume: null }
  if (last === null || factor <= absurdFactor) return { tick, product, last: believed }
  const seen = last.doubted !== null && factorBetween(price, last.doubted.price) <= confirmingFactor ? last.doubted.seen + 1 : 1
  if (seen >= confirmingTicks && factor <= neverBelievedFactor) return { tick, product, last: believed }
  const doubted = { price: seen === 1 ? price : (last.doubted?.price ?? price), seen }
  return {
    ...refuse('ABSURD_PRICE', `price ${tick.price} is x${factor.toPrecision(3)} away from the last good price ${last.price}`),
    product,
    last: { ...last, doubted },
  }
}

/** At least 1: how many times the larger is the smaller. */
function factorBetween(left: number, right: number): number {
  return left > right ? left / right : right / left
}

function refuse(reason: QuarantineReason, detail: string): Refusal {
  return { tick: null, reason, detail }
}

/** A zero or negative price has a reason of its own; every other fault of shape is a malformed message. */
function refuseShape(raw: unknown, error: z.ZodError): Refusal {
  const fields = fieldsOf(raw)
  for (const name of ['price', 'bid', 'ask']) {
    const value = fields[name]
    const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof amount === 'number' && amount <= 0) return refuse('NON_POSITIVE_PRICE', `${name} must be positive, was ${amount}`)
  }
  const [issue] = error.issues
  return refuse('MALFORMED', `${issue?.path.join('.') || 'tick'}: ${issue?.message ?? 'not a tick'}`.slice(0, 300))
}

function identityOf(raw: unknown): Pick<Quarantined, 'product' | 'market_time'> {
  const { product, market_time: time } = fieldsOf(raw)
  return {
    product: typeof product === 'string' ? product.slice(0, 32) : null,
    market_time: typeof time === 'number' && Number.isSafeInteger(time) ? time : null,
  }
}

function fieldsOf(raw: unknown): Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null ? { ...raw } : {}
}

/** Whatever came, as text of bounded length. A message is data from outside: it may hold what JSON cannot. */
function evidenceOf(raw: unknown): string {
  try {
    return (JSON.stringify(raw) ?? String(raw)).slice(0, 500)
  } catch (cause) {
    return `not JSON: ${String(cause)}`.slice(0, 500)
  }
}
