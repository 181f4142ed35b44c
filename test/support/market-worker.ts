import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { createPool } from '@trader/server/database/pool'
import { openMarketSource } from '@trader/server/exchange/open-market-source'
import { wallClock } from '@trader/server/exchange/wall-clock'
import { createHistoryActivities } from '@trader/server/worker/activities/history'
import { createMarketFeedActivities } from '@trader/server/worker/activities/market-feed'
import { SourcePool } from '@trader/server/worker/feed/source-pool'

// A market worker in a process of its own, to be killed: `node market-worker.ts TEMPORAL POSTGRES BUNDLE JOURNAL`.
// Venue and agent are a journal: a line per matched batch and per decision.
const [address = '', connectionString = '', codePath = '', journal = ''] = process.argv.slice(2)
const taskQueue = 'killed-market'
const connection = await NativeConnection.connect({ address })
const client = new Client({ connection: await Connection.connect({ address }) })
const pool = createPool({ connectionString })
const note = async (line: string): Promise<void> => {
  appendFileSync(journal, `${line}\n`)
  await delay(5) // gives a kill the time to fall in between
}
const deps = {
  pool,
  client,
  taskQueue,
  clock: wallClock,
  log: () => undefined,
  sources: new SourcePool((request) => openMarketSource(request)),
  paperVenue: { matchBatch: ({ ticks }: { ticks: readonly unknown[] }) => note(`matched ${ticks.length}`) },
  decisions: {
    areWanted: async () => true,
    decide: ({ marketTime }: { marketTime: number }) => note(`decided ${marketTime}`),
  },
}
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowBundle: { codePath },
  activities: { ...createMarketFeedActivities(deps), ...createHistoryActivities(deps) },
  maxHeartbeatThrottleInterval: '1s',
})
await worker.run()
