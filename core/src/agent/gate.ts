import { z } from 'zod'
import { positiveDecimalText, timestampMs } from '../contract/primitives.ts'
import { decimal } from '../money/decimal.ts'
import { type DecisionSnapshot, heldQuantity, type ProductView, tickAgeMs } from './decision-snapshot.ts'
import { gateTable, type GateLimits } from './gate-table.ts'

/** What the gate remembers between nudges. Bounded: at most `maxCalls` times per product. */
export const gateState = z.strictObject({
  products: z.record(
    z.string(),
    z.strictObject({
      /** Price and time of the last answered evaluation; null before the first. */
      price: positiveDecimalText.nullable(),
      evaluated_at: timestampMs.nullable(),
      calls: z.array(timestampMs),
    }),
  ),
  /** What the last answered evaluation obeyed. */
  prompt_version: z.int().positive().nullable(),
  preferences_version: z.int().min(0).nullable(),
})
export type GateState = z.infer<typeof gateState>
type ProductMemory = GateState['products'][string]

export const emptyGate: GateState = { products: {}, prompt_version: null, preferences_version: null }

export const gateReason = z.enum([
  'BOOTSTRAP',
  'FEEDBACK',
  'PROMPT_CHANGED',
  'PREFERENCES_CHANGED',
  'STALE',
  'PRICE_MOVE',
  'NEAR_EXIT',
  'PRICE_UNCHANGED',
  'RATE_LIMIT',
  'NO_MARKET_DATA',
  'STALE_MARKET_DATA',
  'TRADING_HALTED',
  'PAUSED_WITHOUT_POSITION',
])
export type GateReason = z.infer<typeof gateReason>

/** Why a product is, or is not, worth a model call now. */
export const gateVerdict = z.strictObject({
  product: z.string(),
  is_open: z.boolean(),
  reason: gateReason,
  /** Change of price since the last evaluation in percent, and its age; null before the first. */
  move_pct: z.number().nullable(),
  age_ms: z.int().nullable(),
})
export type GateVerdict = z.infer<typeof gateVerdict>

interface GateInput {
  readonly snapshot: DecisionSnapshot
  readonly state: GateState
  readonly limits?: GateLimits
}

/** One verdict per product, in the snapshot's order. A model is called if any is open, for the open ones. */
export function evaluateGate({ snapshot, state, limits = gateTable }: GateInput): readonly GateVerdict[] {
  return snapshot.products.map((view) => {
    const memory = memoryOf(state, view.product)
    const measures = {
      move_pct: movePct(view, memory),
      age_ms: memory.evaluated_at === null ? null : snapshot.market_time - memory.evaluated_at,
    }
    const refusal = refusalOf({ snapshot, view, memory, limits })
    if (refusal !== null) return { product: view.product, is_open: false, reason: refusal, ...measures }
    const reason = reasonToCall({ snapshot, state, view, limits, ...measures })
    return { product: view.product, is_open: reason !== null, reason: reason ?? 'PRICE_UNCHANGED', ...measures }
  })
}

/** The state after a model was called for `products`. Without an answer only the rate limit remembers it, so the next nudge may try again. */
export function recordCall({
  snapshot,
  state,
  products,
  answered,
  limits = gateTable,
}: GateInput & { readonly products: readonly string[]; readonly answered: boolean }): GateState {
  const entries = snapshot.products
    .filter((view) => products.includes(view.product))
    .map((view): [string, ProductMemory] => {
      const memory = memoryOf(state, view.product)
      const calls = [...recentCalls(memory, snapshot.market_time, limits), snapshot.market_time]
      return [
        view.product,
        answered ? { price: view.tick?.price ?? memory.price, evaluated_at: snapshot.market_time, calls } : { ...memory, calls },
      ]
    })
  const obeyed = answered ? { prompt_version: snapshot.prompt.version, preferences_version: snapshot.preferences.version } : {}
  return { ...state, ...obeyed, products: { ...state.products, ...Object.fromEntries(entries) } }
}

interface ProductInput {
  readonly snapshot: DecisionSnapshot
  readonly view: ProductView
  readonly memory: ProductMemory
  readonly limits: GateLimits
}

function refusalOf({ snapshot, view, memory, limits }: ProductInput): GateReason | null {
  if (snapshot.trading === 'halted') return 'TRADING_HALTED'
  if (snapshot.trading === 'paused' && decimal(heldQuantity(snapshot, view.product)).isZero()) return 'PAUSED_WITHOUT_POSITION'
  const age = tickAgeMs(snapshot, view)
  if (age === null || view.features === null) return 'NO_MARKET_DATA'
  if (age > snapshot.limits.stale_after_ms) return 'STALE_MARKET_DATA'
  return recentCalls(memory, snapshot.market_time, limits).length >= limits.maxCalls ? 'RATE_LIMIT' : null
}

interface CallInput {
  readonly snapshot: DecisionSnapshot
  readonly state: GateState
  readonly view: ProductView
  readonly limits: GateLimits
  readonly move_pct: number | null
  readonly age_ms: number | null
}

function reasonToCall({ snapshot, state, view, limits, move_pct, age_ms }: CallInput): GateReason | null {
  if (age_ms === null || move_pct === null) return 'BOOTSTRAP'
  if (snapshot.feedback.length > 0) return 'FEEDBACK'
  if (state.prompt_version !== snapshot.prompt.version) return 'PROMPT_CHANGED'
  if (state.preferences_version !== snapshot.preferences.version) return 'PREFERENCES_CHANGED'
  if (age_ms >= limits.maxStalenessMs) return 'STALE'
  if (Math.abs(move_pct) >= limits.minPriceMovePct) return 'PRICE_MOVE'
  return age_ms >= limits.nearExitEveryMs && isNearExit(view, limits) ? 'NEAR_EXIT' : null
}

function isNearExit(view: ProductView, limits: GateLimits): boolean {
  if (view.tick === null) return false
  const price = decimal(view.tick.price)
  return [view.stop_price, view.take_profit].some(
    (trigger) => trigger !== null && decimal(trigger).minus(price).abs().div(price).times(100).lte(limits.nearExitPct),
  )
}

function movePct(view: ProductView, memory: ProductMemory): number | null {
  if (view.tick === null || memory.price === null) return null
  return decimal(view.tick.price).div(decimal(memory.price)).minus(1).times(100).toNumber()
}

function recentCalls(memory: ProductMemory, marketTime: number, limits: GateLimits): readonly number[] {
  return memory.calls.filter((time) => time > marketTime - limits.callWindowMs)
}

function memoryOf(state: GateState, product: string): ProductMemory {
  return state.products[product] ?? { price: null, evaluated_at: null, calls: [] }
}
