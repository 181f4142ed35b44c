import { NativeConnection, Runtime, Worker, makeTelemetryFilterString, DefaultLogger, type LogLevel } from '@temporalio/worker'
import type { Config } from '../config.ts'
import { EventSequencer } from '../database/event-sequencer.ts'
import { createPool } from '../database/pool.ts'
import { describeError, ExitError } from '../exit-code.ts'
import type { Addresses } from '../stack/addresses.ts'
import { ensureWorkflowBundle } from '../stack/bundle.ts'
import { reportReady, untilTold } from '../stack/node-child.ts'

/** Long enough for an activity to hear of the end and return; correctness never relies on it. */
const shutdownGraceMs = 2000

/** Runs workflows and activities until the process is told to end. */
export async function runWorker({ config, addresses }: { config: Config; addresses: Addresses }): Promise<void> {
  const told = untilTold()
  const log = (text: string): boolean => process.stderr.write(`${text}\n`)
  const level = config.LOG_LEVEL.toUpperCase() as LogLevel // the four levels have Temporal's names in lower case
  Runtime.install({
    logger: new DefaultLogger(level, ({ level, message, meta }) =>
      log(`${new Date().toISOString()} ${level} ${message} ${meta === undefined ? '' : JSON.stringify(meta)}`),
    ),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }) } },
    shutdownSignals: [], // ours alone decides when to end
  })
  const bundle = await ensureWorkflowBundle(log)
  const connectionString = addresses.databaseUrl.reveal()
  const pool = createPool({ connectionString })
  const sequencer = new EventSequencer({
    pool,
    connectionString,
    onError: (error) => log(`numbering events failed, and is tried again: ${describeError(error)}`),
  })
  const connection = await connect(addresses)
  try {
    sequencer.start()
    const worker = await Worker.create({
      connection,
      namespace: addresses.temporal.namespace,
      taskQueue: addresses.taskQueue,
      workflowBundle: { codePath: bundle.path },
      shutdownGraceTime: shutdownGraceMs,
      shutdownForceTime: shutdownGraceMs + 500,
    })
    const running = worker.run()
    reportReady({ version: null, detail: `task queue ${addresses.taskQueue}, bundle ${bundle.hash.slice(0, 8)}` })
    // A worker that fails by itself ends this process, and the supervisor starts it again.
    await Promise.race([running, told])
    if (worker.getState() === 'RUNNING') worker.shutdown()
    await running
  } finally {
    await sequencer.stop()
    await pool.end()
    await connection.close()
  }
}

async function connect({ temporal }: Addresses): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ address: temporal.address, ...temporal.options })
  } catch (error) {
    throw new ExitError('dependencyDown', `cannot reach Temporal at ${temporal.address}: ${describeError(error)}`)
  }
}
