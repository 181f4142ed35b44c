import { existsSync, writeFileSync } from 'node:fs'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { createPool } from '@trader/server/database/pool'
import { createWorker, realActivities } from '../workflows/orders.ts'

// A worker in a process of its own that kills itself: `node order-worker.ts TEMPORAL POSTGRES QUEUE POINT MARKER`. POINT is
// `before:<activity>` or `after:<activity>`; the kill comes at its first passage, and the file MARKER remembers that it came.
const [address = '', connectionString = '', taskQueue = '', point = '', marker = ''] = process.argv.slice(2)
const connection = await NativeConnection.connect({ address })
const client = new Client({ connection: await Connection.connect({ address }) })
const pool = createPool({ connectionString })

function pass(name: string): void {
  if (name !== point || existsSync(marker)) return
  writeFileSync(marker, '')
  process.kill(process.pid, 'SIGKILL')
}

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
