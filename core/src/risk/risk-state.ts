import { type Decimal, decimal, sum, zero } from '../money/decimal.ts'
import { isOpen } from '../order/state-machine.ts'
import { valueOrCost } from '../portfolio/equity.ts'
import type { SizedOrder } from './order-size.ts'
import type { PlacedOrder, RiskSnapshot } from './risk-snapshot.ts'

/** The snapshot after the orders of the batch that were accepted so far. */
export interface RiskState {
  readonly snapshot: RiskSnapshot
  readonly accepted: readonly SizedOrder[]
  /** Quote currency that the accepted orders risk. */
  readonly acceptedRisk: Decimal
}

export function riskState(snapshot: RiskSnapshot): RiskState {
  return { snapshot, accepted: [], acceptedRisk: zero }
}

export function acceptOrder({ state, order, risk }: { state: RiskState; order: SizedOrder; risk: Decimal }): RiskState {
  return { ...state, accepted: [...state.accepted, order], acceptedRisk: state.acceptedRisk.plus(risk) }
}

/** What a wallet still has for this order: all of it, and under its tradeable fraction. */
export function funds(state: RiskState, asset: string): { readonly available: Decimal; readonly tradeable: Decimal } {
  const wallet = state.snapshot.wallets[asset]
  const held = sum(state.accepted.map((order) => (order.hold?.asset === asset ? order.hold.amount : zero)))
  return { available: decimal(wallet?.available ?? '0').minus(held), tradeable: decimal(wallet?.tradeable ?? '0').minus(held) }
}

/** Quote currency in one product: its position, its open buys and those accepted before it in this batch. Sells count once they have happened. */
export function exposure(state: RiskState, product: string): Decimal {
  const positions = state.snapshot.portfolio.positions.filter((position) => position.product === product)
  const accepted = state.accepted.filter((order) => order.product.id === product && order.side === 'BUY')
  return sum([...positions.map(valueOrCost), openBuys(state.snapshot, product), ...accepted.map((order) => order.notional)])
}

export function grossExposure(state: RiskState): Decimal {
  const products = new Set([
    ...state.snapshot.portfolio.positions.map((position) => position.product),
    ...state.snapshot.orders.map((order) => order.product),
    ...state.accepted.map((order) => order.product.id),
  ])
  return sum([...products].map((product) => exposure(state, product)))
}

function openBuys(snapshot: RiskSnapshot, product: string): Decimal {
  const buys = snapshot.orders.filter((order) => order.product === product && order.side === 'BUY' && isOpen(order.state))
  return sum(buys.map((order) => openNotional(order, snapshot)))
}

/** What an open buy may still spend; at the ask where it has no limit. An order of unknown fate counts in full until a fill is known. */
function openNotional(order: PlacedOrder, snapshot: RiskSnapshot): Decimal {
  const price = order.limit_price ?? snapshot.ticks[order.product]?.ask ?? '0'
  return decimal(order.quantity).minus(order.filled_quantity).times(price)
}
