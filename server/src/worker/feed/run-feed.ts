import { ApplicationFailure } from '@temporalio/common'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import { type FeedStep, nextFeedStep } from '@trader/core/market/feed-step'
import type { FeedInput, FeedResult } from '@trader/workflows/activities'
import { findRun } from '../../database/queries/find-run.ts'
import type { MarketSource } from '../../exchange/market-source.ts'
import { describeError } from '../../exit-code.ts'
import { openFeatureWindow } from './feature-signals.ts'
import { runCycle } from './feed-cycle.ts'
import type { FeedDependencies } from './feed-dependencies.ts'
import { restoreTickCheck } from './restore-tick-check.ts'

/** A stream's ticks are passed on once a second, at any rate. */
const streamBatchMs = 1000

export interface FeedControl {
  /** Ends the feed after the cycle under way. */
  readonly signal: AbortSignal
  readonly onCycle: (progress: { cursor: number; cycles: number }) => void
}

/**
 * Runs cycles from where the run's cursor stands: at most `max_cycles`, until the data ends, `until` is reached or it is told to
 * stop. The pace of a stepped source is kept in real time where the machine can; a step that took too long is not made up for.
 * A failure after some cycles hands back how far it came, and the next activity goes on at once: its retries begin anew, at the
 * shortest pause. Only one that got nowhere is retried by Temporal, with growing pauses. Told to stop, it has stopped, whatever it
 * failed at: the cycle that was cut off is done by the next feed.
 */
export async function runFeed(deps: FeedDependencies, input: FeedInput, control: FeedControl): Promise<FeedResult> {
  let reached = { cursor: input.cursor ?? 0, cycles: 0 }
  const onCycle = (progress: { cursor: number; cycles: number }): void => {
    reached = progress
    control.onCycle(progress)
  }
  try {
    return await runCycles(deps, input, { ...control, onCycle })
  } catch (error) {
    if (reached.cycles === 0 && !control.signal.aborted) throw error
    const { cursor, cycles } = reached
    const next = control.signal.aborted ? 'stops there' : 'goes on there'
    deps.log(`the feed of run ${input.plan.run_id} failed after ${cycles} cycles, at ${cursor}, and ${next}: ${describeError(error)}`)
    return { cursor, cycles, ended: null }
  }
}

async function runCycles(deps: FeedDependencies, input: FeedInput, control: FeedControl): Promise<FeedResult> {
  const { plan } = input
  const run = await findRun(deps.pool, plan.run_id)
  if (run === null) throw ApplicationFailure.nonRetryable(`there is no run ${plan.run_id}`, 'SourceRefused')
  if (run.status === 'finished') return { cursor: run.cursor ?? 0, cycles: 0, ended: 'end_of_data' }
  return deps.sources.lend(plan, async (source) => {
    let cursor = run.cursor ?? source.start
    if (input.cursor === null) await openWindows(deps, plan, source)
    let check = await restoreTickCheck(deps.pool, { runId: plan.run_id, products: plan.products, cursor })
    const pace = paceOf(deps, control.signal)
    let cycles = 0
    while (cycles < input.max_cycles && !control.signal.aborted) {
      if (plan.until !== null && cursor >= plan.until) return { cursor, cycles, ended: 'until' }
      const step = stepOf(plan, source, cursor)
      await pace(step)
      if (control.signal.aborted) break
      const batch = await source.next({ cursor, until: step.until, signal: control.signal })
      if (batch.cursor <= cursor) break // the waiting was ended
      const isInstant = step.isInstant && !batch.atEnd // what a decision after the last tick orders could never fill
      check = await runCycle(deps, { plan, source, check, batch, from: cursor, isInstant })
      cursor = batch.cursor
      cycles += 1
      control.onCycle({ cursor, cycles })
      if (batch.atEnd) return { cursor, cycles, ended: 'end_of_data' }
    }
    return { cursor, cycles, ended: null }
  })
}

function stepOf(plan: MarketPlan, source: MarketSource, cursor: number): FeedStep {
  const { speed } = plan.source
  const { until: stopAt, nudge_seconds: nudgeSeconds } = plan
  if (source.pace === 'stepped') return nextFeedStep({ cursor, speed, nudgeSeconds, timeframeMs: source.timeframeMs, stopAt })
  return { until: Math.min(cursor + streamBatchMs, stopAt ?? Infinity), isInstant: false, realMs: 0 }
}

/** Waits until each step is due. Behind by more than the step itself, the clock of the pace is set back. */
function paceOf({ clock }: FeedDependencies, signal: AbortSignal): (step: FeedStep) => Promise<void> {
  let due = clock.now()
  return async ({ realMs }) => {
    due = Math.max(due, clock.now() - realMs) + realMs
    if (realMs > 0) await clock.sleepUntil(due, signal)
  }
}

/** A product whose history could not be loaded has a window of this run all the same; the others have theirs and keep it. */
async function openWindows(deps: FeedDependencies, plan: MarketPlan, source: MarketSource): Promise<void> {
  const target = { ...deps, plan, timeframeMs: source.timeframeMs }
  await Promise.all(plan.products.map((product) => openFeatureWindow(target, product, [])))
}
