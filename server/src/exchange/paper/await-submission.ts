import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { unsubmittedOrders } from '../../database/queries/unsubmitted-orders.ts'

/** An order's workflow submits it within milliseconds; one that takes this long has lost its worker or its workflow. */
const patienceMs = 10_000
const pollMs = 5

/** Orders that were waited for in vain, per process: they must not hold up every tick from then on. */
const givenUp = new Set<string>()

/**
 * Waits until every open order of a run is on the venue's book. Which tick an order sees first, and a stop guards from, must
 * follow from market time alone and not from how fast its workflow started.
 */
export async function awaitSubmission(pool: Pool, runId: string): Promise<void> {
  const began = performance.now()
  for (;;) {
    const missing = (await unsubmittedOrders(pool, { runId })).filter((orderId) => !givenUp.has(orderId))
    if (missing.length === 0) return
    if (performance.now() - began > patienceMs) return missing.forEach((orderId) => givenUp.add(orderId))
    await sleep(pollMs)
  }
}
