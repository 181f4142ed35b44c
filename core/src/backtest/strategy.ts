import type { OrderSide, TimeInForce } from '../contract/order.ts'
import type { CandleView } from './candle-view.ts'
import type { ParameterTable, ParameterValues } from './parameters.ts'

// What a strategy is written against: the library's and a user's own file alike. Numbers here are doubles, as all of the kernel's.

/** 1: enter if flat. -1: leave if holding. 0: nothing. */
export type Signal = -1 | 0 | 1

/**
 * A rule that looks at candles alone, never at the account: one per product, called once for every candle that closes, in order.
 * Because the account does not matter to it, it can run over a whole column at once, which is the engine's fastest path.
 */
export interface SignalRule {
  /** Candles needed before it can say anything. */
  readonly warmUp: number
  readonly next: (candles: CandleView) => Signal
}

/** How much: exactly one. Cash is what no order holds; `all` sells what no order holds. */
export type Size =
  | { readonly quantity: number }
  | { readonly notional: number }
  | { readonly cashFraction: number }
  | { readonly all: true }

/** An order that a strategy wants. It meets the market at the next candle's open at the earliest. */
export type OrderWish = Size & {
  readonly action: 'order'
  readonly product: string
  readonly side: OrderSide
  /** Rests at this price or better; without it the order takes what the market gives, and what does not fill at once is cancelled. */
  readonly limitPrice?: number | undefined
  readonly timeInForce?: TimeInForce | undefined
  /** For a BUY: exits that are armed as it fills. The trailing stop is a fraction below the highest bid since then. */
  readonly stopPrice?: number | undefined
  readonly takeProfit?: number | undefined
  readonly trailingStop?: number | undefined
  /** Held against the cost of the round trip by the cost gate; without it the gate does not ask. */
  readonly expectedEdgeBps?: number | undefined
  /** Why, for the reports. */
  readonly reason: string
}

/** Takes the product's open entries and exits off the book, its armed stops and take-profits too if `exits` says so. */
export interface CancelWish {
  readonly action: 'cancel'
  readonly product: string
  readonly exits?: boolean | undefined
}

export type Wish = OrderWish | CancelWish

/** Nothing: the usual answer. */
export const noWish: readonly Wish[] = []

/** What a strategy sees at the instant at which candles have just closed. Nothing in it is later than `now`. */
export interface StrategyView {
  /** End of the candles that just closed, ms. */
  readonly now: number
  readonly products: readonly string[]
  readonly cash: number
  /** Cash that no order holds. */
  readonly freeCash: number
  /** Cash + positions at their last close. */
  readonly equity: number
  readonly candles: (product: string) => CandleView
  /** Whether a candle of this product closed right now; in a gap of one product others go on. */
  readonly hasNewCandle: (product: string) => boolean
  /** Base units held, and those of them that no order is selling. */
  readonly position: (product: string) => number
  readonly available: (product: string) => number
  /** Cost of what is held per base unit, fees aside; 0 when flat. */
  readonly entryPrice: (product: string) => number
  /** Orders of this product that work at the market; armed exits do not count. */
  readonly openOrders: (product: string) => number
}

export interface SignalStrategy {
  readonly kind: 'signals'
  /** Share of the free cash that an entry spends. */
  readonly cashFraction: number
  readonly rule: (product: string) => SignalRule
}

export interface OrderStrategy {
  readonly kind: 'orders'
  /** Candles of every product needed before the first call. */
  readonly warmUp: number
  /** Called at every instant, those of the warm-up too, before `onBar`: the place to feed running indicators. */
  readonly observe?: (view: StrategyView) => void
  /** Called once per instant that is traded, after that instant's candles have closed. */
  readonly onBar: (view: StrategyView) => readonly Wish[]
}

export type Strategy = SignalStrategy | OrderStrategy

/** What a strategy is made from, besides its parameters. */
export interface StrategySetup {
  readonly products: readonly string[]
  readonly timeframeMs: number
  /** Distance between two prices of a product: 0.01 for BTC-USD. */
  readonly priceIncrement: (product: string) => number
  /** Seeded by the run: the same number for the same place, always. Between 0 and 1, both excluded. */
  readonly random: (stream: number, place: number) => number
}

/** What a strategy file exports as `strategy`. */
export interface StrategyModule<Table extends ParameterTable = ParameterTable> {
  readonly name: string
  readonly description: string
  readonly parameters: Table
  /** Where it differs from `honest` fills and `default` limits. */
  readonly defaults?: { readonly fills?: 'reference' | 'honest'; readonly limits?: 'off' | 'default' }
  create(parameters: ParameterValues<Table>, setup: StrategySetup): Strategy
}

/** Keeps the types of a module's parameters; a strategy file says `export const strategy = defineStrategy({ ... })`. */
export function defineStrategy<const Table extends ParameterTable>(module: StrategyModule<Table>): StrategyModule<Table> {
  return module
}
