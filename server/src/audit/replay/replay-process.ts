import './network-off.ts'
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker'
import { describeError } from '../../exit-code.ts'
import { type ReplayJob, replayJob } from './replay-job.ts'

// A process of its own that replays and can do nothing else. Its parent sends one job at a time and hears one answer per history.

// What replayed code logs was logged when it was recorded, and what the replay finds is answered, not logged.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => {}),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} } },
  shutdownSignals: [],
})

process.on('message', (job: ReplayJob) => void work(job))
process.on('disconnect', () => process.exit())

async function work(job: ReplayJob): Promise<void> {
  try {
    for await (const difference of replayJob(job)) process.send?.({ difference })
  } catch (error) {
    process.send?.({ error: describeError(error) })
  }
}
