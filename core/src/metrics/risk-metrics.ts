import { z } from 'zod'
import { priceQuality, type Portfolio } from '../contract/position.ts'
import { decimalText, statistic, timestampMs } from '../contract/primitives.ts'
import { decimal } from '../money/decimal.ts'
import { cashRatio } from './cash-ratio.ts'
import { concentration } from './concentration.ts'
import { equityPerPeriod, equitySamples } from './equity-series.ts'
import { leverage } from './leverage.ts'
import { maxDrawdown } from './max-drawdown.ts'
import { periodReturns } from './returns.ts'
import { valueAtRisk95 } from './value-at-risk.ts'
import { volatility } from './volatility.ts'

/** What `get_risk_metrics` answers. Ratios are of equity: cash, scraped profit and positions together. */
export const riskMetrics = z.strictObject({
  market_time: timestampMs,
  total_portfolio_value: decimalText,
  cash: decimalText,
  scraped_profits: decimalText,
  position_value: decimalText,
  cash_ratio: statistic,
  max_position_concentration: statistic,
  num_positions: z.int().min(0),
  leverage: statistic,
  /** Of the equity samples given; volatility per year of 365 days, VaR of one period. */
  period_ms: z.int().positive(),
  max_drawdown: statistic,
  volatility: statistic,
  var_95: statistic,
  price_data_quality: z.strictObject({
    quality: priceQuality,
    live_prices_used: z.int().min(0),
    total_positions: z.int().min(0),
    stale: z.array(z.string()),
    missing: z.array(z.string()),
    /** Some position counts at an old price, or at its cost. */
    using_stale_fallback: z.boolean(),
  }),
})
export type RiskMetrics = z.infer<typeof riskMetrics>

export function measureRisk(options: {
  readonly portfolio: Portfolio
  readonly equity: readonly { readonly market_time: number; readonly equity: string }[]
  readonly periodMs: number
}): RiskMetrics {
  const { portfolio, periodMs } = options
  const samples = equitySamples(options.equity)
  const returns = periodReturns(equityPerPeriod({ samples, periodMs }))
  return {
    market_time: portfolio.market_time,
    total_portfolio_value: portfolio.equity,
    cash: portfolio.cash,
    scraped_profits: portfolio.scraped,
    position_value: portfolio.position_value,
    cash_ratio: cashRatio(portfolio),
    max_position_concentration: concentration(portfolio),
    num_positions: heldPositions(portfolio).length,
    leverage: leverage(portfolio),
    period_ms: periodMs,
    max_drawdown: maxDrawdown(samples)?.depth ?? null,
    volatility: volatility({ returns, periodMs }),
    var_95: valueAtRisk95(returns),
    price_data_quality: priceDataQuality(portfolio),
  }
}

function priceDataQuality(portfolio: Portfolio): RiskMetrics['price_data_quality'] {
  const held = heldPositions(portfolio)
  const of = (quality: 'live' | 'stale' | 'missing'): string[] =>
    held.filter((position) => position.price_quality === quality).map((position) => position.product)
  return {
    quality: portfolio.price_quality,
    live_prices_used: of('live').length,
    total_positions: held.length,
    stale: of('stale'),
    missing: of('missing'),
    using_stale_fallback: held.length > of('live').length,
  }
}

function heldPositions(portfolio: Portfolio): Portfolio['positions'] {
  return portfolio.positions.filter((position) => !decimal(position.quantity).isZero())
}
