import { findProduct } from '../../market/product.ts'
import { defaultRiskLimits } from '../../risk/limits.ts'
import { type BacktestSettings, rulesOf } from '../settings.ts'
import type { StrategySetup } from '../strategy.ts'

/** Settings of a test: the defaults of a config, and what differs. */
export function testSettings(
  differing: Partial<Omit<BacktestSettings, 'products'>> & { readonly productIds?: readonly string[] } = {},
): BacktestSettings {
  const { productIds = ['BTC-USD'], ...rest } = differing
  return {
    products: productIds.map((id) => rulesOf(findProduct(id)!)),
    timeframeMs: 60_000,
    from: 0,
    initialCash: 10_000,
    allocations: {},
    takerFee: 0.006,
    makerFee: 0.004,
    fills: 'honest',
    halfSpread: rest.fills === 'reference' ? 0 : 0.0001,
    impactBps: 10,
    maxParticipation: 0.1,
    intrabar: 'path',
    latencyMs: 0,
    limits: defaultRiskLimits,
    priceBuffer: defaultRiskLimits.price_buffer,
    minHoldMinutes: 0,
    flattenDaily: false,
    seed: 1,
    ...rest,
  }
}

/** What a strategy is made with in a test. */
export function testSetup(products: readonly string[] = ['BTC-USD'], timeframeMs = 60_000): StrategySetup {
  return { products, timeframeMs, priceIncrement: () => 0.01, random: () => 0.5 }
}
