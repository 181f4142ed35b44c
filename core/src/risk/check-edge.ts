import { roundTripCostBps } from './cost-gate.ts'
import { denied, percent } from './denied.ts'
import { isEntry, type Rule } from './rule.ts'

/** An edge below the policy's minimum is not traded. An order that names no edge (a manual one) is the user's own judgement. */
export const aboveMinEdge: Rule = ({ order, bounds }) => {
  const edge = order.request.expected_edge_bps
  if (!isEntry(order) || edge === undefined || bounds.minEdgeBps === null || edge >= bounds.minEdgeBps) return null
  return denied('POLICY_BOUND', `expected edge ${edge} bps is below the policy's ${bounds.minEdgeBps} bps`)
}

/** The expected edge must pay for the round trip with room to spare. */
export const aboveCost: Rule = ({ order, quote, limits, model }) => {
  const edge = order.request.expected_edge_bps
  if (!isEntry(order) || edge === undefined) return null
  const cost = roundTripCostBps({ order, quote, model })
  const needed = cost * (1 + limits.cost_gate_buffer)
  if (edge >= needed) return null
  const detail = `expected edge ${edge} bps; the round trip costs ${cost.toFixed(2)} bps, and with ${percent(limits.cost_gate_buffer)} buffer it must bring ${needed.toFixed(2)} bps`
  return denied('COST_GATE', detail)
}
