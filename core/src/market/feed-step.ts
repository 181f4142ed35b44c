import { nextInstant, realMsOfStep, stepMs, type Speed } from './market-clock.ts'

/** Whether market time is what the feed asks for, step by step, rather than the wall clock. */
export function isStepped({ market, speed }: { readonly market: string; readonly speed: Speed }): boolean {
  return market === 'replay' || (market === 'simulated' && speed !== 1)
}

export interface FeedStep {
  /** The batch is [cursor, until) of market time. */
  readonly until: number
  /** A decision is due at `until`. */
  readonly isInstant: boolean
  /** Real ms that this span of market time should take. */
  readonly realMs: number
}

/**
 * The next batch of a stepped feed: about a real second of market time, but never across the instant of a decision, and not
 * beyond `stopAt`. At `max` it is a whole step.
 */
export function nextFeedStep(options: {
  readonly cursor: number
  readonly speed: Speed
  readonly nudgeSeconds: number
  readonly timeframeMs: number
  readonly stopAt: number | null
}): FeedStep {
  const { cursor, speed, stopAt } = options
  const lengthMs = stepMs(options)
  const instant = nextInstant(cursor, lengthMs)
  const batchMs = speed === 'max' ? lengthMs : Math.ceil(speed * 1000)
  const until = Math.min(instant, cursor + batchMs, stopAt ?? Infinity)
  return { until, isInstant: until === instant, realMs: realMsOfStep(until - cursor, speed) }
}
