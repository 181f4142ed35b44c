/** How many times faster than the wall clock market time runs; `max` is as fast as the machine can. */
export type Speed = number | 'max'

/**
 * Market time between two nudges of a feed that advances in steps, in ms: NUDGE_SECONDS, but so long that no more than one nudge
 * falls in a real second; at `max`, NUDGE_SECONDS rounded up to whole candles.
 */
export function stepMs(options: { readonly nudgeSeconds: number; readonly speed: Speed; readonly timeframeMs: number }): number {
  const { nudgeSeconds, speed, timeframeMs } = options
  if (!(nudgeSeconds > 0)) throw new Error(`nudge must be a positive number of seconds, was ${nudgeSeconds}`)
  const nudgeMs = Math.ceil(nudgeSeconds * 1000)
  if (speed === 'max') return Math.ceil(nudgeMs / timeframeMs) * timeframeMs
  if (!(speed > 0 && Number.isFinite(speed))) throw new Error(`speed must be a positive number or max, was ${speed}`)
  return Math.max(nudgeMs, Math.ceil(speed * 1000))
}

/** The next step's end after `marketTime`: steps end at whole multiples of their length since 1970, whenever a run began. */
export function nextInstant(marketTime: number, stepLengthMs: number): number {
  return (Math.floor(marketTime / stepLengthMs) + 1) * stepLengthMs
}

/** Real ms that a step of market time should take; 0 at `max`. */
export function realMsOfStep(stepLengthMs: number, speed: Speed): number {
  return speed === 'max' ? 0 : stepLengthMs / speed
}

const staleOnStreamMs = 5000
const staleReplayCandles = 2

/** Age in ms beyond which a price is stale: 5 s on a stream (simulated ones too), two candles in replay. */
export function staleAfterMs(feed: { readonly market: string; readonly timeframeMs: number }): number {
  return feed.market === 'replay' ? staleReplayCandles * feed.timeframeMs : staleOnStreamMs
}

export function isStale(options: { readonly tickTime: number; readonly marketTime: number; readonly staleAfterMs: number }): boolean {
  return options.marketTime - options.tickTime > options.staleAfterMs
}
