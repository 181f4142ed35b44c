import type { Policy } from '../contract/prompt-version.ts'

/** Why an entry might pay: the rule, the move it expects in bps before costs, and the figures it rests on. */
export interface EntrySignal {
  readonly rule: Policy['preferred_rules'][number]
  readonly edgeBps: number
  readonly evidence: readonly string[]
}
