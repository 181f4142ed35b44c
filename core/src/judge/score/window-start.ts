import type { EvaluationCause } from '../../contract/evaluation.ts'

const dayMs = 86_400_000

/** Days that a scheduled evaluation looks back, and one asked for by hand that names none. */
export const defaultWindowDays = 7

/**
 * Where an evaluation's window begins. One of the Judge's own looks at the active version alone, so not beyond the last change of the
 * prompt; one asked for by hand looks as far back as it was asked to, and can change nothing where that is beyond the last change.
 */
export function windowStart(options: {
  readonly marketTime: number
  readonly windowDays: number
  readonly cause: EvaluationCause
  readonly lastChangeAt: number | null
}): number {
  const { marketTime, windowDays, cause, lastChangeAt } = options
  const asked = Math.max(0, Math.round(marketTime - windowDays * dayMs))
  return cause === 'manual' ? asked : Math.max(asked, lastChangeAt ?? 0)
}
