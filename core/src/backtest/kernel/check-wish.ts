import type { DeniedReason } from '../../risk/denied-reason.ts'
import type { RiskLimits } from '../../risk/limits.ts'
import type { BacktestSettings } from '../settings.ts'
import type { Account } from './account.ts'
import { atrPct } from './atr-pct.ts'
import type { Book } from './book.ts'
import type { DayTally } from './day-tally.ts'
import type { SizedWish } from './size-wish.ts'

/** What the rules know: the order and the run's present state. One object serves a whole run. */
export interface CheckInput {
  readonly settings: BacktestSettings
  readonly account: Account
  readonly books: readonly Book[]
  readonly sized: SizedWish
  book: Book
  day: DayTally
  /** Quote currency that the order risks. */
  risk: number
  equity: number
  now: number
}

/**
 * `core/risk/check-orders` in doubles: the same rules in the same order, for a batch of one order. Null: no objection. With limits off
 * only what cannot be is refused. Why exactly is told by `describeRefusal`, only where somebody will read it.
 */
export function checkWish(input: CheckInput): DeniedReason | null {
  const { sized, settings } = input
  const { limits } = settings
  if (!(sized.quantity > 0)) return 'MIN_NOTIONAL'
  if (sized.type === 'limit' && !(sized.limitPrice > 0)) return 'INVALID_ORDER'
  if (limits !== null && (isFarBeyondTouch(sized, limits) || isSpreadInsane(sized, limits))) return 'PRICE_SANITY'
  if (areExitsOnWrongSide(sized)) return 'INVALID_ORDER'
  if (limits !== null && isTooSmall(input, limits)) return 'MIN_NOTIONAL'
  if (sized.isEntry) return isUnpaid(input) ? 'INSUFFICIENT_CASH' : limits === null ? null : checkEntry(input, limits)
  if (sized.quantity > sellable(input)) return 'INSUFFICIENT_HOLDINGS'
  return input.book.quantity > 0 && minutesHeld(input) < settings.minHoldMinutes ? 'MIN_HOLD' : null
}

/** The rules that bind entries alone; a sale only takes risk away. */
function checkEntry(input: CheckInput, limits: RiskLimits): DeniedReason | null {
  const { day, equity, sized, risk, account } = input
  const loss = day.startEquity - equity
  if (unpriced(input) !== null) return 'MISSING_MARKET_DATA'
  if (loss > 0 && loss >= day.startEquity * limits.max_daily_loss) return 'MAX_DAILY_LOSS'
  if (day.orders >= limits.max_orders_per_day) return 'MAX_DAILY_ORDERS'
  if (exposure(input.book) + sized.notional > equity * limits.max_position) return 'MAX_CONCENTRATION'
  if (grossExposure(input) + sized.notional > equity * limits.max_gross_exposure) return 'MAX_GROSS_EXPOSURE'
  if (account.sum(account.freeCash - sized.hold) < equity * limits.cash_reserve) return 'CASH_RESERVE'
  if (day.riskUsed + risk > day.startEquity * limits.daily_risk_budget) return 'DAILY_RISK_BUDGET'
  if (isDuplicate(input, limits)) return 'DUPLICATE_INTENT'
  if (sized.expectedEdgeBps !== undefined && sized.expectedEdgeBps < neededEdgeBps(input, limits)) return 'COST_GATE'
  return secondsSinceEntry(input) < limits.cool_down_seconds ? 'COOL_DOWN' : null
}

export function isFarBeyondTouch(sized: SizedWish, limits: RiskLimits): boolean {
  if (sized.type === 'market') return false
  const touch = sized.isEntry ? sized.ask : sized.bid
  const beyond = sized.isEntry ? sized.limitPrice - touch : touch - sized.limitPrice
  return beyond > touch * limits.max_limit_deviation
}

function isSpreadInsane({ isEntry, bid, ask }: SizedWish, limits: RiskLimits): boolean {
  return isEntry && (ask - bid) / ((ask + bid) / 2) > limits.max_spread
}

function areExitsOnWrongSide({ isEntry, stopPrice, takeProfit, expectedPrice, bid }: SizedWish): boolean {
  return isEntry && (stopPrice >= Math.min(expectedPrice, bid) || (takeProfit > 0 && takeProfit <= expectedPrice))
}

/** Sizes this close, as a fraction, are taken to be the same intent (`core/risk/check-pace`). */
const sameSize = 0.01

/** An earlier entry counts while it stands: it may yet fill, or it has filled and the position is held. */
function isDuplicate({ book, sized, now }: CheckInput, limits: RiskLimits): boolean {
  const since = now - limits.duplicate_window_seconds * 1000
  for (const entry of book.entries) {
    const stands = !entry.isOver || (entry.filled > 0 && book.quantity > 0)
    if (entry.placedAt <= since || !stands || entry.type !== sized.type) continue
    if (Math.abs(sized.quantity - entry.quantity) <= sized.quantity * sameSize) return true
  }
  return false
}

/** Since the last entry that has filled or may still fill. */
export function secondsSinceEntry({ book, now }: CheckInput): number {
  for (let index = book.entries.length - 1; index >= 0; index -= 1) {
    const entry = book.entries[index]!
    if (!entry.isOver || entry.filled > 0) return (now - entry.placedAt) / 1000
  }
  return Infinity
}

export function minutesHeld({ book, now }: CheckInput): number {
  return (now - book.enteredAt) / 60_000
}

/** Selling all that is left is always allowed. */
function isTooSmall(input: CheckInput, limits: RiskLimits): boolean {
  const { sized } = input
  if (sized.worth >= leastNotional(input, limits)) return false
  return sized.isEntry || sized.quantity !== sellable(input)
}

export function leastNotional({ book }: CheckInput, limits: RiskLimits): number {
  return Math.max(Number(limits.min_notional), book.rules.minNotional)
}

function isUnpaid({ account, sized }: CheckInput): boolean {
  return sized.cashFraction === 0 && sized.hold > account.sum(account.freeCash)
}

/** Base units that no other order holds. */
export function sellable({ account, book }: CheckInput): number {
  return Math.max(0, account.sum(book.available))
}

/** Bounds are fractions of equity, and equity is a guess while something held has no price. */
export function unpriced({ books }: CheckInput): Book | null {
  for (const book of books) if (book.quantity > 0 && book.lastRow < 0) return book
  return null
}

/** Quote currency in one product: its position and its open buys. */
export function exposure(book: Book): number {
  let total = book.marketValue
  for (const order of book.orders) {
    if (order.side !== 'BUY') continue
    const price = order.limitPrice === Infinity ? book.columns.close[book.lastRow]! : order.limitPrice
    total += (order.quantity - order.filled) * price
  }
  return total
}

export function grossExposure({ books }: CheckInput): number {
  let total = 0
  for (const book of books) total += exposure(book)
  return total
}

/** Quote currency that an order risks (`core/risk/risk-budget`); a trailing stop is a stop. */
export function riskOf(book: Book, sized: SizedWish, limits: RiskLimits): number {
  if (!sized.isEntry) return 0
  const stop = Math.max(sized.stopPrice, sized.trailingStop > 0 ? sized.bid * (1 - sized.trailingStop) : 0)
  if (stop > 0) return Math.max(0, sized.notional - sized.quantity * stop)
  return (sized.notional * limits.risk_atr_multiple * (atrPct(book.columns, book.lastRow) ?? limits.assumed_atr_pct)) / 100
}

/** What the round trip costs, and the buffer beside it (`core/risk/cost-gate`). */
export function neededEdgeBps({ settings, sized }: CheckInput, limits: RiskLimits): number {
  const rests = sized.type === 'limit' && sized.limitPrice < sized.ask
  const spreadBps = ((sized.ask - sized.bid) / ((sized.ask + sized.bid) / 2)) * 10_000
  const impactBps = sized.impact * 10_000 * (rests ? 1 : 2)
  const feesBps = ((rests ? settings.makerFee : settings.takerFee) + settings.takerFee) * 10_000
  return (feesBps + spreadBps + impactBps) * (1 + limits.cost_gate_buffer)
}
