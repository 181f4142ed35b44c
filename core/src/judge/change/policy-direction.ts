import type { Policy } from '../../contract/prompt-version.ts'

/** How bold a policy is beside another: bound by bound, never summed up. */
export type PolicyDirection = 'same' | 'tighter' | 'looser' | 'mixed'

export function policyDirection({ from, to }: { readonly from: Policy; readonly to: Policy }): PolicyDirection {
  const looserBy = [
    to.max_position - from.max_position,
    from.cash_reserve - to.cash_reserve,
    from.min_edge_bps - to.min_edge_bps,
    from.cool_down_seconds - to.cool_down_seconds,
    to.preferred_rules.filter((rule) => !from.preferred_rules.includes(rule)).length,
    -from.preferred_rules.filter((rule) => !to.preferred_rules.includes(rule)).length,
  ]
  const [loosens, tightens] = [looserBy.some((step) => step > 0), looserBy.some((step) => step < 0)]
  if (tightens && loosens) return 'mixed'
  if (tightens) return 'tighter'
  return loosens ? 'looser' : 'same'
}
