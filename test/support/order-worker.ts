import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { activityInfo } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { createPool } from '@trader/server/database/pool'
import { createWorker, realActivities } from '../workflows/orders.ts'
import { killedLine, workerOptions } from './killed-worker.ts'

// A worker in a process of its own that kills itself where its options say: killed-worker.ts starts it.
const { temporalAddress: address, databaseUrl: connectionString, taskQueue, point, passages, journal } = workerOptions()
const connection = await NativeConnection.connect({ address })
const client = new Client({ connection: await Connection.connect({ address }) })
const pool = createPool({ connectionString })

const passed = 'passed'

/** Only first attempts count: so a passage has the same number whatever was killed before it. */
function pass(name: string): void {
  if (name !== point || activityInfo().attempt > 1) return
  appendFileSync(journal, `${passed}\n`)
  const count = readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line === passed).length
  if (!passages.includes(count)) return
  appendFileSync(journal, `${killedLine}\n`)
  process.kill(process.pid, 'SIGKILL')
}

if (!existsSync(journal)) appendFileSync(journal, '')
const real = realActivities({ pool, client, taskQueue })
const activities = Object.fromEntries(
  Object.entries(real).map(([name, activity]) => [
    name,
    async (input: never) => {
      pass(`before:${name}`)
      // Each gets the input that its own workflow code passed, whatever its type.
      const result = await (activity as (input: never) => Promise<unknown>)(input)
      pass(`after:${name}`)
      return result
    },
  ]),
)
const worker = await createWorker({ connection, taskQueue, activities })
process.send?.('ready')
await worker.run()
