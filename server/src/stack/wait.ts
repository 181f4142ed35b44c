import { setTimeout as delay } from 'node:timers/promises'

/** Asks again until it is so; false when `timeoutMs` passed first or the signal was raised. */
export async function waitUntil(
  isSo: () => boolean | Promise<boolean>,
  { timeoutMs, intervalMs = 50, signal }: { timeoutMs: number; intervalMs?: number; signal?: AbortSignal },
): Promise<boolean> {
  const end = performance.now() + timeoutMs
  for (;;) {
    if (await isSo()) return true
    if (performance.now() >= end || signal?.aborted === true) return false
    await delay(intervalMs)
  }
}

/** Waits, or throws when the signal is raised first. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal })
