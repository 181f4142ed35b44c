/** Of a decision's time, what is kept for everything but the model, in ms: reading, posting and a busy machine. */
export const cycleReserveMs = 5000

/** Wall time that the model may take of a decision each `nudgeSeconds`, in ms. */
export function modelDeadlineMs(nudgeSeconds: number): number {
  return Math.max(1000, nudgeSeconds * 1000 - cycleReserveMs)
}

/**
 * After this long (ms) Temporal ends a decision that cannot end itself, such as one whose code of today no longer follows its
 * history: under a Schedule that skips overlaps it would keep every later decision from starting. All a decision waits for is
 * limited far below this, and whatever it had reserved without sending is released (server/src/worker/lost-orders).
 */
export function decisionLimitMs(modelMs: number): number {
  return modelMs + 60 * 60_000
}
