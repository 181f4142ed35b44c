import { enableCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { TrialWork } from './run-trials.ts'

// A thread of `runTrials`: it takes the next set that nobody has until there is none.
enableCompileCache()
const { loadStrategy } = await import('./load-strategy.ts')
const { runTrial } = await import('./run-trials.ts')
const { sharedColumns } = await import('./shared-columns.ts')

// `runTrials` alone starts this file, with this.
const work = workerData as TrialWork
const module = await loadStrategy(work.strategy)
const columns = work.columns.map(sharedColumns)
for (;;) {
  const index = Atomics.add(work.next, 0, 1)
  if (index >= work.sets.length) break
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin; windows have
  parentPort?.postMessage(runTrial({ ...work, columns, module, index }))
}
