import type { FieldProblem } from '../../contract/agent-messages.ts'
import type { Preferences } from '../../contract/preferences.ts'
import type { Policy } from '../../contract/prompt-version.ts'
import { type ChangeLimits, changeTable } from './change-table.ts'

interface FloorInput {
  readonly policy: Policy
  readonly preferences: Preferences
  readonly limits?: ChangeLimits
}

/** The bounds within which a policy still lets something be traded. What the user closes stays closed: these never loosen it. */
function floorOf({ preferences, limits = changeTable }: Omit<FloorInput, 'policy'>) {
  return {
    leastPosition: Math.min(limits.least_position, preferences.position_size_comfort),
    mostReserve: Math.max(limits.most_cash_reserve, preferences.cash_reserve_level),
    mostEdge: limits.most_min_edge_bps,
    mostCoolDown: limits.most_policy_cool_down_seconds,
  }
}

/** The policy, loosened as far as the floor asks. */
export function raisedToFloor(input: FloorInput): Policy {
  const { policy } = input
  const floor = floorOf(input)
  return {
    mode: policy.mode,
    max_position: Math.max(policy.max_position, floor.leastPosition),
    cash_reserve: Math.min(policy.cash_reserve, floor.mostReserve),
    min_edge_bps: Math.min(policy.min_edge_bps, floor.mostEdge),
    cool_down_seconds: Math.min(policy.cool_down_seconds, floor.mostCoolDown),
    preferred_rules: policy.preferred_rules.length > 0 ? policy.preferred_rules : ['momentum'],
  }
}

/** Where a policy would leave nothing to do: a sentence per bound. */
export function floorBreaches(input: FloorInput): FieldProblem[] {
  const { policy } = input
  const raised = raisedToFloor(input)
  const names = ['max_position', 'cash_reserve', 'min_edge_bps', 'cool_down_seconds', 'preferred_rules'] as const
  return names
    .filter((name) => raised[name] !== policy[name])
    .map((name) => ({
      field: `policy.${name}`,
      problem: `would stop trading: ${JSON.stringify(policy[name])}, not beyond ${JSON.stringify(raised[name])}`,
    }))
}
