import type { FieldProblem } from '../contract/agent-messages.ts'
import type { Policy } from '../contract/prompt-version.ts'
import { modeBounds } from './policy.ts'

/** Where a policy is bolder than its mode allows: a sentence per bound. A policy may always be more careful. */
export function policyBreaches(policy: Policy): FieldProblem[] {
  const { mode } = policy
  const bounds = modeBounds[mode]
  const breaches: FieldProblem[] = []
  const breach = (field: keyof Policy, isBroken: boolean, rule: string): void => {
    if (isBroken)
      breaches.push({ field: `policy.${field}`, problem: `in ${mode} mode it must be ${rule}, was ${JSON.stringify(policy[field])}` })
  }
  breach('max_position', policy.max_position > bounds.positionCeiling, `at most ${bounds.positionCeiling}`)
  breach('cash_reserve', policy.cash_reserve < bounds.reserveFloor, `at least ${bounds.reserveFloor}`)
  breach('min_edge_bps', policy.min_edge_bps < bounds.minEdgeBps, `at least ${bounds.minEdgeBps}`)
  breach('cool_down_seconds', policy.cool_down_seconds < bounds.coolDownSeconds, `at least ${bounds.coolDownSeconds}`)
  const isStrange = policy.preferred_rules.some(
    (rule, index) => !bounds.preferredRules.includes(rule) || policy.preferred_rules.indexOf(rule) !== index,
  )
  breach('preferred_rules', isStrange, `some of ${bounds.preferredRules.join(', ')}, each once`)
  return breaches
}
