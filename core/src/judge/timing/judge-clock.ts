import { z } from 'zod'
import type { Evaluation } from '../../contract/evaluation.ts'
import { decimalText, timestampMs } from '../../contract/primitives.ts'
import { decimal } from '../../money/decimal.ts'
import { type TimingLimits, timingTable } from './timing-table.ts'

const dayMs = 86_400_000

/** When the next evaluation is due: a plain value that survives restarts. One per run; times are market time. */
export const judgeClock = z.strictObject({
  started_at: timestampMs,
  /** The present distance between two evaluations. */
  interval_ms: z.int().positive(),
  next_at: timestampMs,
  last_at: timestampMs.nullable(),
  /** Equity at the last scheduled evaluation, or at the start. */
  last_equity: decimalText,
  /** Forced ones of the last 24 hours. */
  forced_at: z.array(timestampMs),
})
export type JudgeClock = z.infer<typeof judgeClock>

/** The clock of a run that starts at `marketTime` with this equity. */
export function startClock({ marketTime, equity }: { marketTime: number; equity: string }, limits: TimingLimits = timingTable): JudgeClock {
  return {
    started_at: marketTime,
    interval_ms: limits.cadence_ms,
    next_at: marketTime + limits.startup_delay_ms,
    last_at: null,
    last_equity: equity,
    forced_at: [],
  }
}

/** Why an evaluation is due now: its time has come, or losses bring it forward; null while it is not. */
export function dueCause(
  clock: JudgeClock,
  {
    marketTime,
    losses,
  }: { readonly marketTime: number; /** Closed trades without a profit since the last evaluation. */ readonly losses: number },
  limits: TimingLimits = timingTable,
): 'schedule' | 'losses' | null {
  if (marketTime - (clock.last_at ?? clock.started_at) < limits.least_gap_ms) return null
  if (marketTime >= clock.next_at) return 'schedule'
  return losses >= limits.early_losses ? 'losses' : null
}

export type EvaluationRequest =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'STARTING' | 'COOL_DOWN' | 'TOO_OFTEN'; readonly detail: string; readonly retry_at: number }

/** Whether a person's request for an evaluation is granted now; refused with the time from which it would be. */
export function requestEvaluation(
  clock: JudgeClock,
  { marketTime, force }: { readonly marketTime: number; readonly force: boolean },
  limits: TimingLimits = timingTable,
): EvaluationRequest {
  const { last_at } = clock
  const refuse = (reason: 'STARTING' | 'COOL_DOWN' | 'TOO_OFTEN', retry_at: number, detail: string): EvaluationRequest =>
    retry_at <= marketTime ? { ok: true } : { ok: false, reason, detail, retry_at }
  const minutes = (ms: number): number => Math.round(ms / 60_000)
  if (!force) {
    if (last_at === null)
      return refuse(
        'STARTING',
        clock.started_at + limits.startup_delay_ms,
        `the Judge starts ${minutes(limits.startup_delay_ms)} minutes after the run`,
      )
    return refuse(
      'COOL_DOWN',
      last_at + limits.manual_cool_down_ms,
      `the last evaluation is less than ${minutes(limits.manual_cool_down_ms)} minutes old; force it`,
    )
  }
  const forced = forcedOfDay(clock, marketTime)
  const oldest = forced.at(-limits.forced_per_day)
  if (oldest !== undefined) return refuse('TOO_OFTEN', oldest + dayMs, `${forced.length} evaluations were forced within 24 hours`)
  const newest = forced.at(-1)
  return newest === undefined
    ? { ok: true }
    : refuse(
        'TOO_OFTEN',
        newest + limits.forced_gap_ms,
        `the last forced evaluation is less than ${minutes(limits.forced_gap_ms)} minutes old`,
      )
}

/**
 * The clock after an evaluation. Worse results halve the distance to the next, good ones make it half as long again, others bring it back
 * to the cadence; evidence that is missing is looked for soon. One asked for by hand moves neither distance nor schedule, but the next
 * scheduled one keeps its gap from it.
 */
export function afterEvaluation(
  clock: JudgeClock,
  evaluation: Pick<Evaluation, 'market_time' | 'cause' | 'forced' | 'status' | 'overall_score' | 'trend'> & { readonly equity: string },
  limits: TimingLimits = timingTable,
): JudgeClock {
  const { market_time, cause, forced, equity } = evaluation
  const seen = { ...clock, last_at: market_time, forced_at: [...forcedOfDay(clock, market_time), ...(forced ? [market_time] : [])] }
  if (cause === 'manual') return seen
  const interval_ms = nextInterval({ clock, evaluation, limits })
  return { ...seen, interval_ms, next_at: market_time + interval_ms, last_equity: equity }
}

function nextInterval({
  clock,
  evaluation,
  limits,
}: {
  readonly clock: JudgeClock
  readonly evaluation: Parameters<typeof afterEvaluation>[1]
  readonly limits: TimingLimits
}): number {
  const { status, overall_score, trend, equity } = evaluation
  const since = decimal(clock.last_equity).lte(0) ? 0 : decimal(equity).div(clock.last_equity).minus(1).toNumber()
  const isBad = since < limits.bad_return || trend === 'declining' || (overall_score !== null && overall_score < limits.bad_score)
  if (isBad) return bounded(clock.interval_ms / 2, limits)
  if (status === 'insufficient_evidence' || overall_score === null) return bounded(limits.shortest_ms, limits)
  return overall_score > limits.good_score && since > limits.good_return
    ? bounded(clock.interval_ms * 1.5, limits)
    : bounded(limits.cadence_ms, limits)
}

function bounded(ms: number, { shortest_ms, longest_ms }: TimingLimits): number {
  return Math.round(Math.min(longest_ms, Math.max(shortest_ms, ms)))
}

function forcedOfDay({ forced_at }: JudgeClock, marketTime: number): number[] {
  return forced_at.filter((time) => time > marketTime - dayMs)
}
