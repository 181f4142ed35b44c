import type { RiskLimits } from '../risk/limits.ts'
import type { ResolvedBacktestConfig } from '../contract/backtest.ts'
import type { Product } from '../market/product.ts'

/** What a product's venue allows, as numbers. */
export interface ProductRules {
  readonly id: string
  readonly baseIncrement: number
  readonly quoteIncrement: number
  readonly minNotional: number
}

/** A resolved config as the kernel reads it. Fees and the spread are ratios, times ms, amounts quote currency. */
export interface BacktestSettings {
  readonly products: readonly ProductRules[]
  readonly timeframeMs: number
  /** Candles that start before it only warm up. */
  readonly from: number
  readonly initialCash: number
  /** Worth at the first open, by product. */
  readonly allocations: Readonly<Record<string, number>>
  readonly takerFee: number
  readonly makerFee: number
  readonly fills: 'reference' | 'honest'
  readonly halfSpread: number
  readonly impactBps: number
  readonly maxParticipation: number
  readonly intrabar: 'path' | 'worst'
  readonly latencyMs: number
  /** Null: limits are off. */
  readonly limits: RiskLimits | null
  /** Room above the expected price that a market BUY may pay with honest fills, as a fraction. */
  readonly priceBuffer: number
  readonly minHoldMinutes: number
  readonly flattenDaily: boolean
  readonly seed: number
}

/** What of a config the kernel reads. */
export type SettingsConfig = Omit<
  ResolvedBacktestConfig,
  'data' | 'products' | 'strategy' | 'parameters' | 'to' | 'risk' | 'label' | 'agent'
>

/** The settings of a config. `limits` are the values of the table that this run needs, with the config's own in it. */
export function settingsOf(
  config: SettingsConfig,
  {
    products,
    limits,
    priceBuffer,
  }: { readonly products: readonly Product[]; readonly limits: RiskLimits | null; readonly priceBuffer: number },
): BacktestSettings {
  const isReference = config.fills === 'reference'
  return {
    products: products.map(rulesOf),
    timeframeMs: config.timeframe_ms,
    from: config.from,
    initialCash: Number(config.initial_cash),
    allocations: Object.fromEntries(Object.entries(config.initial_allocations).map(([product, worth]) => [product, Number(worth)])),
    takerFee: config.taker_fee_bps / 10_000,
    makerFee: config.maker_fee_bps / 10_000,
    fills: config.fills,
    halfSpread: isReference ? 0 : config.spread_bps / 20_000,
    impactBps: config.impact_bps,
    maxParticipation: config.max_participation,
    intrabar: config.intrabar,
    latencyMs: config.latency_bars * config.timeframe_ms,
    limits,
    priceBuffer,
    minHoldMinutes: config.min_hold_minutes,
    flattenDaily: config.flatten_daily,
    seed: config.seed,
  }
}

/** A product as the kernel reads it. */
export function rulesOf({ id, base_increment, quote_increment, min_notional }: Product): ProductRules {
  return {
    id,
    baseIncrement: Number(base_increment),
    quoteIncrement: Number(quote_increment),
    minNotional: Number(min_notional),
  }
}
