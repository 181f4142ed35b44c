import type { MutationKind } from '../../test/support/mutations/mutation-sites.ts'

/** A change that no history can show, whatever it holds, and why: read and judged by a person. */
export interface EquivalentMutant {
  readonly file: string
  readonly kind: MutationKind
  /** A part of the line that is changed, as the source has it. */
  readonly on: string
  readonly why: string
}

const schemaCuts = 'the schema takes no longer text, so nothing is ever cut here'
const cutsUnread = 'what was cut is handed on, and nobody reads it'
const askedOnly = 'the phase is told to a question alone, and questions leave nothing in a history'
const parsedBefore = 'a proposal that is in conflict is turned away when it is parsed; this only asserts it'

export const equivalents: readonly EquivalentMutant[] = [
  { file: 'core/src/agent/parse-decision.ts', kind: 'number doubled', on: 'cleanText(proposal.reasoning, 2000)', why: schemaCuts },
  { file: 'core/src/agent/parse-decision.ts', kind: 'number doubled', on: 'cleanText(decision.summary, 2000)', why: schemaCuts },
  { file: 'core/src/agent/parse-decision.ts', kind: 'number doubled', on: 'cleanText(line, 300)', why: schemaCuts },
  { file: 'workflows/src/feedback-box.ts', kind: 'number doubled', on: 'cleanText(message, 2000)', why: schemaCuts },
  {
    file: 'core/src/agent/policy-bounds.ts',
    kind: 'condition negated',
    on: "'cut' in outcome && outcome.cut !== null",
    why: cutsUnread,
  },
  { file: 'core/src/agent/policy-bounds.ts', kind: 'condition negated', on: 'notional.lt(cents(asked))', why: cutsUnread },
  { file: 'core/src/agent/policy-bounds.ts', kind: 'condition negated', on: 'quantity.lt(asked)', why: cutsUnread },
  { file: 'core/src/agent/policy-bounds.ts', kind: 'step dropped', on: 'assertClear(proposal)', why: parsedBefore },
  { file: 'workflows/src/market-stream.ts', kind: 'step dropped', on: "phase = 'streaming'", why: askedOnly },
  { file: 'workflows/src/market-stream.ts', kind: 'step dropped', on: "phase = 'stopping'", why: askedOnly },
  {
    file: 'workflows/src/broker-agent.ts',
    kind: 'number doubled',
    on: 'toldVersion = -1',
    why: 'no version is told yet: any number below the first version says it',
  },
  {
    file: 'workflows/src/execution-agent.ts',
    kind: 'number doubled',
    on: 'flagsSet += 1',
    why: 'a count of settings that is only compared with itself: any step makes each one new',
  },
]
