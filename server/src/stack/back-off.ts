const firstMs = 500

/**
 * Wait before restart number `failures` (from 1), in ms: 0.5 s, doubling to `longestMs`, of which up to half is taken off at random so
 * that several components do not restart in step. `random` is in [0, 1).
 */
export function backOffMs({ failures, random, longestMs }: { failures: number; random: number; longestMs: number }): number {
  const full = Math.min(longestMs, firstMs * 2 ** (failures - 1))
  return Math.round(full * (1 - random / 2))
}
