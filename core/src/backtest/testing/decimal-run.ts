import type { Candle } from '../../contract/candle.ts'
import type { OrderRequest } from '../../contract/order.ts'
import type { Position } from '../../contract/position.ts'
import type { Tick } from '../../contract/tick.ts'
import { candleTicks, notionalBefore } from '../../market/candle-ticks.ts'
import { computeFeatureVector } from '../../market/feature-vector.ts'
import { findProduct, type Product } from '../../market/product.ts'
import { Decimal, decimal, sum, toText, zero } from '../../money/decimal.ts'
import { emptyMatchState, type MatchState } from '../../order/candle-capacity.ts'
import { expiryOf } from '../../order/expiry.ts'
import { defaultFillModel } from '../../order/fill-model.ts'
import type { MatchedFill, MatchOutcome } from '../../order/match-outcome.ts'
import { matchTick } from '../../order/match-tick.ts'
import { salesToCancel } from '../../order/make-room.ts'
import { type OpenOrder, wakeOrder } from '../../order/open-order.ts'
import { markPortfolio } from '../../portfolio/equity.ts'
import { applyFill, emptyPosition } from '../../portfolio/position.ts'
import { type CheckedOrder, checkOrders } from '../../risk/check-orders.ts'
import type { RiskLimits } from '../../risk/limits.ts'
import type { PlacedOrder, RiskSnapshot } from '../../risk/risk-snapshot.ts'
import type { Columns } from '../columns.ts'
import type { OrderWish } from '../strategy.ts'

// The rules of paper trading over the same candles, in Decimal: `core/order`, `core/risk` and `core/portfolio` themselves, with the
// ledger's part (holds, exits that follow their entry) told after the order workflow. What the kernel is held against.

export interface DecimalFill {
  readonly marketTime: number
  readonly product: string
  readonly side: string
  readonly quantity: string
  readonly price: string
  readonly notional: string
  readonly fee: string
  readonly realizedPnl: string
}

export interface DecimalRun {
  readonly fills: DecimalFill[]
  readonly blocks: { readonly marketTime: number; readonly product: string; readonly reason: string }[]
  readonly equity: number[]
  readonly cash: string
}

export interface DecimalOptions {
  readonly columns: readonly Columns[]
  readonly cash: string
  readonly limits: RiskLimits
  readonly spreadBps: number
  readonly takerFeeBps: number
  readonly makerFeeBps: number
  readonly wishesAt: (now: number, columns: readonly Columns[]) => readonly OrderWish[]
}

interface Market {
  readonly columns: Columns
  readonly product: Product
  row: number
  position: Position
  orders: OpenOrder[]
  state: MatchState
  tick: Tick | null
  enteredAt: number | null
  entries: { readonly orderId: string; readonly placedAt: number; filled: boolean }[]
}

const dayMs = 86_400_000

export function decimalRun(options: DecimalOptions): DecimalRun {
  return new DecimalEngine(options).run()
}

class DecimalEngine {
  readonly #options: DecimalOptions
  readonly #markets: Market[]
  readonly #placed: PlacedOrder[] = []
  readonly #filled = new Map<string, string>()
  readonly #holds = new Map<string, { market: Market; asset: 'cash' | 'base'; amount: Decimal }>()
  readonly #result: DecimalRun & { cash: string } = { fills: [], blocks: [], equity: [], cash: '' }
  /** Of the present tick, not settled yet. */
  #outcomes: MatchOutcome[] = []
  #cash: Decimal
  #now = 0
  #number = 0
  #day = { start: Number.NaN, equity: zero, orders: 0, risk: zero }

  constructor(options: DecimalOptions) {
    this.#options = options
    this.#cash = decimal(options.cash)
    this.#markets = options.columns.map((columns) => ({
      columns,
      product: findProduct(columns.product)!,
      row: -1,
      position: emptyPosition(columns.product),
      orders: [],
      state: emptyMatchState,
      tick: null,
      enteredAt: null,
      entries: [],
    }))
  }

  run(): DecimalRun {
    const starts = [...new Set(this.#options.columns.flatMap(({ start }) => [...start]))].sort((a, b) => a - b)
    let before = this.#cash
    for (const start of starts) {
      for (const market of this.#markets) if (market.columns.start[market.row + 1] === start) this.#passCandle(market)
      this.#now = start + this.#options.columns[0]!.timeframeMs
      const equity = this.#equity()
      const day = Math.floor(this.#now / dayMs) * dayMs
      if (day !== this.#day.start) this.#day = { start: day, equity: this.#now === day ? equity : before, orders: 0, risk: zero }
      before = equity
      this.#result.equity.push(equity.toNumber())
      for (const wish of this.#options.wishesAt(this.#now, this.#options.columns)) this.#wish(wish)
    }
    return { ...this.#result, cash: toText(this.#cash) }
  }

  #passCandle(market: Market): void {
    const candle = candleAt(market.columns, market.row + 1)
    const previous = market.row < 0 ? null : candleAt(market.columns, market.row)
    market.row += 1
    const ticks = candleTicks(candle, {
      quote: undefined,
      spreadBps: this.#options.spreadBps,
      lastMinuteNotional: notionalBefore(candle.start, previous),
    })
    for (const tick of ticks) {
      market.tick = tick
      const { takerFeeBps, makerFeeBps } = this.#options
      const model = { ...defaultFillModel, takerFeeBps, makerFeeBps }
      const { timeframeMs } = market.columns
      const result = matchTick({ orders: market.orders, tick, product: market.product, timeframeMs, state: market.state, model })
      market.orders = [...result.orders]
      market.state = result.state
      this.#outcomes = [...result.outcomes]
      for (let outcome = this.#outcomes.shift(); outcome !== undefined; outcome = this.#outcomes.shift())
        this.#settle(market, outcome, tick)
    }
  }

  #settle(market: Market, outcome: MatchOutcome, tick: Tick): void {
    if (outcome.type === 'fill') this.#book(market, outcome, tick)
    else if (outcome.type === 'closed') this.#release(outcome.order.orderId)
    else this.#trigger(market, outcome.order, tick)
  }

  #book(market: Market, { order, quantity, price, notional, fee, liquidity, tradeId }: MatchedFill, tick: Tick): void {
    const fill = {
      fill_id: '00000000-0000-5000-8000-000000000000',
      order_id: '00000000-0000-5000-8000-000000000000',
      trade_id: tradeId,
      product: market.product.id,
      side: order.side,
      quantity: toText(quantity),
      price: toText(price),
      notional: toText(notional),
      fee: toText(fee),
      liquidity,
      market_time: tick.market_time,
    }
    const applied = applyFill({ position: market.position, fill, scrapeFraction: 0 })
    if (!applied.ok) throw new Error(applied.detail)
    const isOpening = decimal(market.position.quantity).isZero()
    if (isOpening) market.enteredAt = tick.market_time
    market.position = applied.position
    this.#cash = this.#cash.plus(applied.cash_delta)
    for (const entry of market.entries) if (entry.orderId === order.orderId) entry.filled = true
    this.#filled.set(order.orderId, toText(decimal(this.#filled.get(order.orderId) ?? '0').plus(quantity)))
    this.#useHold(order, order.side === 'BUY' ? notional.plus(fee) : quantity)
    this.#result.fills.push({
      marketTime: tick.market_time,
      product: fill.product,
      side: fill.side,
      quantity: fill.quantity,
      price: fill.price,
      notional: fill.notional,
      fee: fill.fee,
      realizedPnl: applied.realized_pnl,
    })
    if (order.side === 'BUY') this.#arm(market, { order, quantity, isNew: tradeId === '1' || isOpening, time: tick.market_time })
    else if (decimal(applied.position.quantity).isZero()) market.orders = market.orders.filter((other) => !other.isArmed)
  }

  #arm(market: Market, { order, quantity, isNew, time }: { order: OpenOrder; quantity: Decimal; isNew: boolean; time: number }): void {
    const isOwn = (other: OpenOrder): boolean => other.isArmed && other.parentOrderId === order.orderId
    market.orders = market.orders.map((other) => (isOwn(other) ? { ...other, quantity: other.quantity.plus(quantity) } : other))
    if (!isNew) return
    const exits = [
      { type: 'stop' as const, stopPrice: order.stopPrice, takeProfit: null },
      { type: 'take_profit' as const, stopPrice: null, takeProfit: order.takeProfit },
    ]
    for (const exit of exits) {
      if (exit.stopPrice === null && exit.takeProfit === null) continue
      const rest = { side: 'SELL' as const, timeInForce: 'GTC' as const, filledQuantity: zero, fillCount: 0, limitPrice: null }
      const timing = { activeFrom: time, expiresAt: null, liquidity: null }
      market.orders.push({ ...rest, ...timing, ...exit, orderId: this.#nextId(), parentOrderId: order.orderId, isArmed: true, quantity })
    }
  }

  #trigger(market: Market, exit: OpenOrder, tick: Tick): void {
    const present = market.orders.find((order) => order.orderId === exit.orderId)
    if (present === undefined) return
    market.orders = market.orders.filter((order) => order.orderId !== exit.parentOrderId)
    this.#release(exit.parentOrderId ?? '')
    market.orders = market.orders.filter(
      (order) => order.orderId === exit.orderId || !(order.isArmed && order.parentOrderId === exit.parentOrderId),
    )
    this.#makeRoom(market, present, tick)
    const quantity = Decimal.min(present.quantity, decimal(market.position.quantity).minus(this.#held(market, 'base')))
    if (quantity.lte(0)) {
      market.orders = market.orders.filter((order) => order.orderId !== exit.orderId)
      return
    }
    market.orders = market.orders.map((order) =>
      order.orderId === exit.orderId ? wakeOrder({ ...present, quantity }, tick.market_time) : order,
    )
    this.#holds.set(exit.orderId, { market, asset: 'base', amount: quantity })
  }

  /** One sale after the other, as each may have sold something at this very tick; then it has not been settled yet, and still holds that. */
  #makeRoom(market: Market, exit: OpenOrder, tick: Tick): void {
    for (;;) {
      const free = toText(decimal(market.position.quantity).minus(this.#held(market, 'base')))
      const isSale = (id: string): boolean => this.#placed.some(({ order_id }) => order_id === id)
      const sales = [...this.#holds].filter(([id, hold]) => hold.market === market && hold.asset === 'base' && isSale(id))
      const newestFirst = sales.toReversed().map(([order_id, { amount }]) => ({ order_id, held: toText(amount) }))
      const [next] = salesToCancel({ wanted: toText(exit.quantity), free, newestFirst })
      if (next === undefined) return
      const own = this.#outcomes.filter(({ order }) => order.orderId === next)
      this.#outcomes = this.#outcomes.filter(({ order }) => order.orderId !== next)
      for (const outcome of own) this.#settle(market, outcome, tick)
      market.orders = market.orders.filter((order) => order.orderId !== next)
      this.#release(next)
    }
  }

  #wish(wish: OrderWish): void {
    const market = this.#markets.find(({ product }) => product.id === wish.product)!
    const checked = checkOrders({
      requests: [this.#request(wish, market)],
      snapshot: this.#snapshot(),
      limits: this.#options.limits,
      policy: null,
      preferences: null,
      feed: this.#feed(market),
      marketTime: this.#now,
      model: { ...defaultFillModel, takerFeeBps: this.#options.takerFeeBps, makerFeeBps: this.#options.makerFeeBps },
    })
    if (checked.ok) this.#accept(market, checked.orders[0]!)
    else this.#result.blocks.push({ marketTime: this.#now, product: wish.product, reason: checked.reason })
  }

  #request(wish: OrderWish, market: Market): OrderRequest {
    const text = (value: number): string => new Decimal(value).toFixed()
    const size =
      'quantity' in wish
        ? { quantity: text(wish.quantity) }
        : 'notional' in wish
          ? { notional: text(wish.notional) }
          : 'cashFraction' in wish
            ? { notional: toText(this.#free().times(wish.cashFraction)) }
            : { quantity: toText(decimal(market.position.quantity).minus(this.#held(market, 'base'))) }
    return {
      product: wish.product,
      side: wish.side,
      type: wish.limitPrice === undefined ? 'market' : 'limit',
      ...size,
      ...(wish.limitPrice === undefined ? {} : { limit_price: text(wish.limitPrice) }),
      ...(wish.stopPrice === undefined ? {} : { stop_price: text(wish.stopPrice) }),
      ...(wish.takeProfit === undefined ? {} : { take_profit: text(wish.takeProfit) }),
      ...(wish.timeInForce === undefined ? {} : { time_in_force: wish.timeInForce }),
      ...(wish.expectedEdgeBps === undefined ? {} : { expected_edge_bps: wish.expectedEdgeBps }),
    }
  }

  #accept(market: Market, sized: CheckedOrder): void {
    const orderId = this.#nextId()
    this.#day.orders += 1
    this.#day.risk = this.#day.risk.plus(sized.risk)
    if (sized.side === 'BUY') market.entries.push({ orderId, placedAt: this.#now, filled: false })
    this.#holds.set(orderId, { market, asset: sized.side === 'BUY' ? 'cash' : 'base', amount: sized.hold!.amount })
    market.orders.push({
      orderId,
      parentOrderId: null,
      side: sized.side,
      type: sized.type,
      timeInForce: sized.timeInForce,
      isArmed: false,
      quantity: sized.quantity,
      filledQuantity: zero,
      fillCount: 0,
      limitPrice: sized.limitPrice,
      stopPrice: sized.stopPrice,
      takeProfit: sized.takeProfit,
      activeFrom: this.#now,
      expiresAt: expiryOf({ type: sized.type, timeInForce: sized.timeInForce, placedAt: this.#now, market: this.#feed(market) }),
      liquidity: null,
    })
    this.#placed.push({
      order_id: orderId,
      product: market.product.id,
      author: 'person',
      side: sized.side,
      type: sized.type,
      state: 'WORKING',
      quantity: toText(sized.quantity),
      filled_quantity: '0',
      limit_price: sized.limitPrice === null ? null : toText(sized.limitPrice),
      market_time: this.#now,
    })
  }

  #snapshot(): RiskSnapshot {
    const open = new Map(this.#markets.flatMap(({ orders }) => orders.map((order) => [order.orderId, order] as const)))
    const since = this.#now - this.#options.limits.duplicate_window_seconds * 1000
    const byProduct = <Value>(value: (market: Market) => Value | null): Record<string, Value> =>
      Object.fromEntries(this.#markets.flatMap((market) => (value(market) === null ? [] : [[market.product.id, value(market) as Value]])))
    const free = toText(this.#free())
    const bases = this.#markets.map((market) => {
      const available = toText(decimal(market.position.quantity).minus(this.#held(market, 'base')))
      return [market.product.base, { available, tradeable: available }] as const
    })
    return {
      trading: 'active',
      portfolio: this.#portfolio(),
      wallets: { USD: { available: free, tradeable: free }, ...Object.fromEntries(bases) },
      orders: this.#placed
        .filter((order) => open.has(order.order_id) || order.market_time >= since)
        .map((order) =>
          Object.assign(order, {
            filled_quantity: this.#filled.get(order.order_id) ?? '0',
            state: open.has(order.order_id) ? 'WORKING' : 'CANCELLED',
          }),
        ),
      day: { start_equity: toText(this.#day.equity), orders: this.#day.orders, risk_used: toText(this.#day.risk) },
      ticks: byProduct(({ tick }) => tick),
      atr_pct: Object.fromEntries(this.#markets.map((market) => [market.product.id, this.#atrPct(market)])),
      last_order_at: byProduct(({ entries }) => entries.findLast(({ orderId, filled }) => filled || open.has(orderId))?.placedAt ?? null),
      entered_at: byProduct((market) => (market.position.quantity === '0' ? null : market.enteredAt)),
    }
  }

  #atrPct({ columns, row, product }: Market): number | null {
    const candles = Array.from({ length: Math.min(130, row + 1) }, (_, index) =>
      candleAt(columns, row - Math.min(130, row + 1) + 1 + index),
    )
    return computeFeatureVector({ product: product.id, candles, lastTick: null, marketTime: this.#now }).atr_pct
  }

  #portfolio() {
    return markPortfolio({
      cash: toText(this.#cash),
      heldCash: '0',
      scraped: '0',
      fees: '0',
      positions: this.#markets.map(({ position }) => position),
      marks: Object.fromEntries(this.#markets.flatMap(({ product, tick }) => (tick === null ? [] : [[product.id, tick]]))),
      marketTime: this.#now,
      staleAfterMs: Infinity,
    })
  }

  #feed({ columns }: Market) {
    return { market: 'replay', timeframeMs: columns.timeframeMs }
  }

  #equity(): Decimal {
    return decimal(this.#portfolio().equity)
  }

  #free(): Decimal {
    return this.#cash.minus(sum([...this.#holds.values()].filter(({ asset }) => asset === 'cash').map(({ amount }) => amount)))
  }

  #held(market: Market, asset: 'cash' | 'base'): Decimal {
    return sum([...this.#holds.values()].filter((hold) => hold.market === market && hold.asset === asset).map(({ amount }) => amount))
  }

  #useHold(order: OpenOrder, used: Decimal): void {
    const hold = this.#holds.get(order.orderId)
    if (hold !== undefined) hold.amount = Decimal.max(zero, hold.amount.minus(used))
  }

  #release(orderId: string): void {
    this.#holds.delete(orderId)
  }

  #nextId(): string {
    this.#number += 1
    return `order-${this.#number}`
  }
}

function candleAt(columns: Columns, row: number): Candle {
  const text = (column: Float64Array): string => new Decimal(column[row]!).toFixed()
  return {
    product: columns.product,
    start: columns.start[row]!,
    timeframe_ms: columns.timeframeMs,
    open: text(columns.open),
    high: text(columns.high),
    low: text(columns.low),
    close: text(columns.close),
    volume: text(columns.volume),
  }
}
