import { seededRandom } from '../../market/seeded-random.ts'
import { checkParameters, type GivenParameters } from '../parameters.ts'
import type { ProductRules } from '../settings.ts'
import type { Strategy, StrategyModule } from '../strategy.ts'

export type MadeStrategy =
  | {
      readonly ok: true
      readonly strategy: Strategy
      readonly parameters: Readonly<Record<string, number | boolean>>
      readonly warmUp: number
    }
  | { readonly ok: false; readonly reason: 'UNKNOWN_PARAMETER' | 'INVALID_PARAMETER'; readonly detail: string }

/** A strategy of a module with the parameters somebody gave, checked against its table and by its own maker. Fresh: it has seen nothing. */
export function makeStrategy(options: {
  readonly module: StrategyModule
  readonly given: GivenParameters
  readonly products: readonly ProductRules[]
  readonly timeframeMs: number
  readonly seed: number
}): MadeStrategy {
  const { module, given, products, timeframeMs, seed } = options
  const checked = checkParameters(module.parameters, given)
  if (!checked.ok) return { ...checked, detail: `strategy ${module.name}: ${checked.detail}` }
  const increments = new Map(products.map(({ id, quoteIncrement }) => [id, quoteIncrement]))
  const random = seededRandom(seed, `strategy ${module.name}`)
  try {
    const strategy = module.create(checked.values, {
      products: products.map(({ id }) => id),
      timeframeMs,
      priceIncrement: (product) => increments.get(product) ?? 0.01,
      random: (stream, place) => random.uniform(stream, place),
    })
    return { ok: true, strategy, parameters: checked.values, warmUp: warmUpOf(strategy, products) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { ok: false, reason: 'INVALID_PARAMETER', detail: `strategy ${module.name} cannot be made of these parameters: ${problem}` }
  }
}

/** Candles of a product that a strategy needs before it can act. */
function warmUpOf(strategy: Strategy, products: readonly ProductRules[]): number {
  if (strategy.kind === 'orders') return strategy.warmUp
  return Math.max(0, ...products.map(({ id }) => strategy.rule(id).warmUp))
}
