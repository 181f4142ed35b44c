import type { ModelDecision, ProductDecision } from '../contract/decision.ts'
import type { OrderRequest } from '../contract/order.ts'
import type { Policy } from '../contract/prompt-version.ts'
import { type Decimal, decimal, toText, zero } from '../money/decimal.ts'
import { Decimal as DecimalClass } from '../money/decimal.ts'
import { denied, type Refused, refused } from '../risk/denied.ts'
import type { Denied } from '../risk/denied-reason.ts'
import { type DecisionSnapshot, heldQuantity, type ProductView } from './decision-snapshot.ts'
import { proposalConflict } from './proposal-conflict.ts'

/** What a buy may cost beyond its notional and the taker fee: room for spread and impact, as a factor. */
const slippageBuffer = decimal('1.01')
/** Sizes are cut to cents of quote currency and to 8 decimals of base currency. */
const notionalDecimals = 2
const quantityDecimals = 8

export type PolicyRefusal = Omit<Refused, 'ok'> & { readonly request: OrderRequest }

export interface BoundedProposal {
  /** Sells first, each inside the policy. */
  readonly orders: readonly OrderRequest[]
  readonly refusals: readonly PolicyRefusal[]
  /** A sentence for each size that was cut. */
  readonly cuts: readonly string[]
}

type Outcome = { readonly order: OrderRequest; readonly cut: string | null } | { readonly refusal: PolicyRefusal }

interface BoundInput {
  readonly decision: ModelDecision
  readonly snapshot: DecisionSnapshot
  readonly policy: Policy
}

/** A parsed decision as order requests inside the policy. Sizes are cut to fit; what cannot fit is refused. HOLD gives nothing. */
export function boundProposal({ decision, snapshot, policy }: BoundInput): BoundedProposal {
  const sells = decision.decisions.filter((proposal) => proposal.action === 'SELL').map((proposal) => boundSell(proposal, snapshot))
  let cash = spendableCash(snapshot, policy)
  const buys = decision.decisions
    .filter((proposal) => proposal.action === 'BUY')
    .map((proposal) => {
      const outcome = boundBuy({ proposal, snapshot, policy, cash })
      if ('order' in outcome) cash = cash.minus(costOf(decimal(outcome.order.notional ?? '0'), snapshot))
      return outcome
    })
  const outcomes = [...sells, ...buys]
  return {
    orders: outcomes.flatMap((outcome) => ('order' in outcome ? [outcome.order] : [])),
    refusals: outcomes.flatMap((outcome) => ('refusal' in outcome ? [outcome.refusal] : [])),
    cuts: outcomes.flatMap((outcome) => ('cut' in outcome && outcome.cut !== null ? [outcome.cut] : [])),
  }
}

interface BuyInput {
  readonly proposal: ProductDecision
  readonly snapshot: DecisionSnapshot
  readonly policy: Policy
  readonly cash: Decimal
}

function boundBuy({ proposal, snapshot, policy, cash }: BuyInput): Outcome {
  assertClear(proposal)
  const equity = decimal(snapshot.portfolio.equity)
  const asked = proposal.notional === undefined ? equity.times(proposal.fraction ?? 0) : decimal(proposal.notional)
  const request = buyRequest(proposal, cents(asked))
  const view = viewOf(snapshot, proposal.product)
  if (view?.tick == null) return refusalOf(request, [denied('MISSING_MARKET_DATA', `no price of ${proposal.product}`)])
  const minimum = decimal(snapshot.limits.min_notional)
  const positionRoom = cents(equity.times(policy.max_position).minus(exposure(snapshot, view)))
  const cashRoom = cents(cash.div(costOf(decimal('1'), snapshot)))
  // In the order of `risk/check-orders`: from what can never be right to what waiting alone would mend.
  const failed = [
    misplacedExit(proposal, decimal(proposal.limit_price ?? view.tick.ask)),
    asked.lt(minimum) ? denied('MIN_NOTIONAL', `notional ${toText(cents(asked))} is below ${toText(minimum)}`) : null,
    positionRoom.lt(minimum)
      ? denied(
          'POLICY_BOUND',
          `${toText(positionRoom)} left in ${proposal.product} under max_position ${policy.max_position} of equity ${toText(equity)}`,
        )
      : null,
    cashRoom.lt(minimum)
      ? denied('CASH_RESERVE', `${toText(cashRoom)} may be spent above cash_reserve ${policy.cash_reserve} of equity ${toText(equity)}`)
      : null,
    proposal.expected_edge_bps < policy.min_edge_bps
      ? denied('POLICY_BOUND', `expected edge ${proposal.expected_edge_bps} bps is below the policy's ${policy.min_edge_bps} bps`)
      : null,
    coolingDown({ view, snapshot, policy }),
  ].filter((check) => check !== null)
  const [first, ...others] = failed
  if (first !== undefined) return refusalOf(request, [first, ...others])
  const notional = DecimalClass.min(cents(asked), positionRoom, cashRoom)
  const cut = notional.lt(cents(asked)) ? `BUY ${proposal.product} cut from ${toText(cents(asked))} to ${toText(notional)}` : null
  return { order: buyRequest(proposal, notional), cut }
}

function boundSell(proposal: ProductDecision, snapshot: DecisionSnapshot): Outcome {
  assertClear(proposal)
  const view = viewOf(snapshot, proposal.product)
  const available = decimal(heldQuantity(snapshot, proposal.product)).minus(decimal(view?.open_sell_quantity ?? '0'))
  const bid = view?.tick == null ? null : decimal(view.tick.bid)
  const asked = askedQuantity({ proposal, available, bid })
  const request = sellRequest(proposal, asked)

  if (bid === null) return refusalOf(request, [denied('MISSING_MARKET_DATA', `no price of ${proposal.product}`)])
  if (available.lte(0)) {
    return refusalOf(request, [denied('INSUFFICIENT_HOLDINGS', `${toText(available)} of ${proposal.product} can be sold`)])
  }
  const leftOver = available.minus(asked).times(bid)
  const quantity = leftOver.lt(decimal(snapshot.limits.min_notional)) ? available : asked
  const cut = quantity.lt(asked) ? `SELL ${proposal.product} cut from ${toText(asked)} to ${toText(quantity)}` : null
  return { order: sellRequest(proposal, quantity), cut }
}

/** The first check is the reason. */
function refusalOf(request: OrderRequest, failed: readonly [Denied, ...Denied[]]): Outcome {
  const { ok: _, ...refusal } = refused(failed[0], failed)
  return { refusal: { request, ...refusal } }
}

function coolingDown({ view, snapshot, policy }: { view: ProductView; snapshot: DecisionSnapshot; policy: Policy }): Denied | null {
  if (view.last_order_at === null) return null
  const waited = (snapshot.market_time - view.last_order_at) / 1000
  if (waited >= policy.cool_down_seconds) return null
  return denied('COOL_DOWN', `${waited} s since the last entry into ${view.product}, the policy asks for ${policy.cool_down_seconds} s`)
}

function askedQuantity({ proposal, available, bid }: { proposal: ProductDecision; available: Decimal; bid: Decimal | null }): Decimal {
  const quantity =
    proposal.fraction === undefined
      ? decimal(proposal.notional ?? '0').div(bid ?? 1)
      : DecimalClass.max(available, zero).times(proposal.fraction)
  return quantity.toDecimalPlaces(quantityDecimals, DecimalClass.ROUND_DOWN)
}

/** Cash above holds and the reserve. */
function spendableCash(snapshot: DecisionSnapshot, policy: Policy): Decimal {
  const { cash, held_cash, equity } = snapshot.portfolio
  return decimal(cash).minus(decimal(held_cash)).minus(decimal(equity).times(policy.cash_reserve))
}

/** Most that a buy of this notional takes from cash. */
function costOf(notional: Decimal, snapshot: DecisionSnapshot): Decimal {
  return notional.times(1 + snapshot.limits.taker_fee_bps / 10_000).times(slippageBuffer)
}

/** Quote currency in a product: the position at its mark (at cost without one), and open buys. */
function exposure(snapshot: DecisionSnapshot, view: ProductView): Decimal {
  const position = snapshot.portfolio.positions.find((candidate) => candidate.product === view.product)
  return decimal(position?.market_value ?? position?.cost_basis ?? '0').plus(decimal(view.open_buy_notional))
}

function misplacedExit(proposal: ProductDecision, entry: Decimal): Denied | null {
  if (proposal.stop_price !== undefined && decimal(proposal.stop_price).gte(entry)) {
    return denied('INVALID_ORDER', `stop_price ${proposal.stop_price} must be below the entry at ${toText(entry)}`)
  }
  if (proposal.take_profit !== undefined && decimal(proposal.take_profit).lte(entry)) {
    return denied('INVALID_ORDER', `take_profit ${proposal.take_profit} must be above the entry at ${toText(entry)}`)
  }
  return null
}

function buyRequest(proposal: ProductDecision, notional: Decimal): OrderRequest {
  return {
    product: proposal.product,
    side: 'BUY',
    type: proposal.order_type,
    notional: toText(DecimalClass.max(notional, smallest(notionalDecimals))),
    ...(proposal.limit_price === undefined ? {} : { limit_price: proposal.limit_price }),
    ...(proposal.stop_price === undefined ? {} : { stop_price: proposal.stop_price }),
    ...(proposal.take_profit === undefined ? {} : { take_profit: proposal.take_profit }),
    ...(proposal.time_in_force === undefined ? {} : { time_in_force: proposal.time_in_force }),
    expected_edge_bps: proposal.expected_edge_bps,
  }
}

function sellRequest(proposal: ProductDecision, quantity: Decimal): OrderRequest {
  return {
    product: proposal.product,
    side: 'SELL',
    type: proposal.order_type,
    quantity: toText(DecimalClass.max(quantity, smallest(quantityDecimals))),
    ...(proposal.limit_price === undefined ? {} : { limit_price: proposal.limit_price }),
    ...(proposal.time_in_force === undefined ? {} : { time_in_force: proposal.time_in_force }),
    expected_edge_bps: proposal.expected_edge_bps,
  }
}

/** A request must name a positive size, even one that is refused because nothing is left: then the smallest unit stands for it. */
function smallest(decimals: number): Decimal {
  return decimal('1').div(decimal('10').pow(decimals))
}

function cents(amount: Decimal): Decimal {
  return amount.toDecimalPlaces(notionalDecimals, DecimalClass.ROUND_DOWN)
}

function viewOf(snapshot: DecisionSnapshot, product: string): ProductView | undefined {
  return snapshot.products.find((view) => view.product === product)
}

/** `parseDecision` lets no ambiguous proposal through; one that is here anyway is our own fault. */
function assertClear(proposal: ProductDecision): void {
  const conflict = proposalConflict(proposal)
  if (conflict !== null) throw new Error(`proposal for ${proposal.product} was not parsed: ${conflict}`)
}
