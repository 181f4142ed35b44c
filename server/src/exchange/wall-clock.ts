import { setTimeout as delay } from 'node:timers/promises'

/** Real time as an argument, so that a test can hold it. */
export interface WallClock {
  /** Ms since 1970. */
  readonly now: () => number
  /** Resolves at `time`, or as soon as the signal aborts. */
  readonly sleepUntil: (time: number, signal?: AbortSignal) => Promise<void>
}

export const wallClock: WallClock = {
  now: () => Date.now(),
  sleepUntil: async (time, signal) => {
    const delayMs = time - Date.now()
    if (delayMs <= 0 || signal?.aborted) return
    try {
      await delay(delayMs, undefined, signal ? { signal } : {})
    } catch (cause) {
      if (!signal?.aborted) throw cause
    }
  },
}
