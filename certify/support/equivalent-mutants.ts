import type { MutationKind } from '../../test/support/mutations/mutation-sites.ts'

/** A change that no history can show, whatever it holds, and why: read and judged by a person. */
export interface EquivalentMutant {
  readonly file: string
  readonly kind: MutationKind
  /** A part of the code that is changed. */
  readonly before: string
  readonly why: string
}

export const equivalents: readonly EquivalentMutant[] = []
