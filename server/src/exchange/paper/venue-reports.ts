import type { OrderState } from '@trader/core/contract/order'
import type { VenueReport } from '@trader/core/contract/venue-report'
import type { MatchOutcome } from '@trader/core/order/match-outcome'
import { venueFill } from '@trader/core/order/venue-fill'

/** What one tick did, as one report per order. `counts` holds how many reports each order has had. */
export function reportsOf(options: {
  readonly outcomes: readonly MatchOutcome[]
  readonly product: string
  readonly counts: ReadonlyMap<string, number>
}): VenueReport[] {
  const byOrder = Map.groupBy(options.outcomes, (outcome) => outcome.order.orderId)
  return [...byOrder].map(([orderId, outcomes]) => {
    const closing = outcomes.find((outcome) => outcome.type === 'closed')
    return {
      order_id: orderId,
      seq: (options.counts.get(orderId) ?? 0) + 1,
      market_time: outcomes[0]?.marketTime ?? 0,
      triggered: outcomes.some((outcome) => outcome.type === 'triggered'),
      fills: outcomes.flatMap((outcome) => (outcome.type === 'fill' ? [venueFill(outcome, options.product)] : [])),
      state: closing?.state ?? stateOf(outcomes),
      // That an order is filled needs no reason.
      reason: closing === undefined || closing.state === 'FILLED' ? null : closing.reason,
    }
  })
}

function stateOf(outcomes: readonly MatchOutcome[]): OrderState {
  return outcomes.some((outcome) => outcome.type === 'triggered') ? 'ARMED' : 'PARTIAL'
}
