import type { OrderRequest } from '../contract/order.ts'
import type { Policy } from '../contract/prompt-version.ts'
import { staleAfterMs } from '../market/market-clock.ts'
import type { IntentMarket } from '../order/expiry.ts'
import { defaultFillModel, type FillModel } from '../order/fill-model.ts'
import { quoteOf } from '../order/quote.ts'
import { boundsOf, type Bounds, type PreferenceCaps } from './bounds.ts'
import { withinDailyLoss, withinDailyOrders, withinRiskBudget } from './check-day.ts'
import { aboveCost, aboveMinEdge } from './check-edge.ts'
import { keepsCashReserve, knownEquity, withinConcentration, withinGrossExposure } from './check-exposure.ts'
import { enoughCash, enoughHoldings, largeEnough, withinTradeableFraction } from './check-funds.ts'
import { checkFlag, checkMarket } from './check-market.ts'
import { cooledDown, heldLongEnough, noDuplicate } from './check-pace.ts'
import { exitsOnTheirSide, limitNearTouch, saneSpread } from './check-prices.ts'
import { type Refused, refused } from './denied.ts'
import type { RiskLimits } from './limits.ts'
import { sizeOrder, type SizedOrder } from './order-size.ts'
import { riskOf } from './risk-budget.ts'
import type { RiskSnapshot } from './risk-snapshot.ts'
import { acceptOrder, riskState, type RiskState } from './risk-state.ts'
import type { Rule } from './rule.ts'

export interface CheckOptions {
  readonly requests: readonly OrderRequest[]
  readonly snapshot: RiskSnapshot
  readonly limits: RiskLimits
  /** Of the prompt version that decided; null for an order of the user's own. */
  readonly policy: Policy | null
  readonly preferences: PreferenceCaps | null
  readonly feed: IntentMarket
  readonly marketTime: number
  readonly model?: FillModel
}

/** An accepted order and the quote currency it risks, to be counted against the day's budget. */
export type CheckedOrder = SizedOrder & { readonly risk: SizedOrder['notional'] }
export type CheckResult =
  | { readonly ok: true; readonly orders: readonly CheckedOrder[] }
  /** `index` is the place of the first order that fails a check; `reasons` is every check it fails, the reason first. */
  | (Refused & { readonly index: number })

/**
 * From the most fundamental to the most passing: prices and size that make no sense, funds, limits, an entry that looks like the
 * last one, its edge, and what waiting alone would mend. The first that objects is the reason; all that object are told.
 */
const rules: readonly Rule[] = [
  limitNearTouch,
  saneSpread,
  exitsOnTheirSide,
  largeEnough,
  enoughCash,
  enoughHoldings,
  withinTradeableFraction,
  knownEquity,
  withinDailyLoss,
  withinDailyOrders,
  withinConcentration,
  withinGrossExposure,
  keepsCashReserve,
  withinRiskBudget,
  noDuplicate,
  aboveMinEdge,
  aboveCost,
  heldLongEnough,
  cooledDown,
]

/**
 * Judges a batch as a whole: all its orders or none. Each order sees what those before it use up of cash, holdings,
 * exposure, risk budget and count. Sales, which only reduce risk, pass pause, daily loss, cool-down, order count, exposure
 * and cost; a halt refuses everything.
 */
export function checkOrders(options: CheckOptions): CheckResult {
  const bounds = boundsOf(options)
  const orders: CheckedOrder[] = []
  let state = riskState(options.snapshot)
  for (const [index, request] of options.requests.entries()) {
    const result = checkOrder({ request, state, bounds, options })
    if (!result.ok) return { ...result, index }
    orders.push(result.order)
    state = acceptOrder({ state, order: result.order, risk: result.order.risk })
  }
  return { ok: true, orders }
}

function checkOrder(input: {
  readonly request: OrderRequest
  readonly state: RiskState
  readonly bounds: Bounds
  readonly options: CheckOptions
}): { readonly ok: true; readonly order: CheckedOrder } | Refused {
  const { request, state, bounds, options } = input
  const { snapshot, limits, marketTime, feed, policy, model = defaultFillModel } = options
  const flag = checkFlag({ request, snapshot })
  const market = checkMarket({ request, snapshot, marketTime, staleAfterMs: limits.stale_after_ms ?? staleAfterMs(feed) })
  // Without a price there is no size, and without a size nothing else can be judged.
  if (!market.ok) return refused(flag ?? market, [flag, market])
  const quote = quoteOf(market.tick)
  const sized = sizeOrder({ request, product: market.product, quote, limits, model })
  if (!sized.ok) return refused(flag ?? sized, [flag, sized])
  const { order } = sized
  const risk = riskOf({ order, atrPct: snapshot.atr_pct[order.product.id] ?? null, limits })
  const author = policy === null ? 'person' : 'agent'
  const objections = rules.map((rule) => rule({ order, risk, quote, state, limits, bounds, model, marketTime, author }))
  const objection = flag ?? objections.find((found) => found !== null)
  if (objection != null) return refused(objection, [flag, ...objections])
  return { ok: true, order: { ...order, risk } }
}
