import { createDatabase, startPostgres } from '../test/support/postgres.ts'
import { startTemporal } from '../test/support/temporal.ts'
import { floodWithSignals } from '../test/faults/signal-flood.ts'
import { writeResult } from './support/result.ts'

// Promise P9: 100,000 signals at 100 a second across at least 50 runs of the agent are each applied once, and no run's history
// passes 8,192 events. Argument: signals.

const signals = Number(process.argv[2] ?? 100_000)
const began = performance.now()
const postgres = await startPostgres()
const temporal = await startTemporal({ suggestNewRunAfter: 2000 })
const { pool } = await createDatabase(postgres.adminUrl)
const tell = (text: string): void => void process.stderr.write(`${text}\n`)
const flood = await floodWithSignals({ temporal, pool, signals, perSecond: 110, tell })
const isWhole = flood.counted === signals && flood.refused === 0 && flood.signals_per_second >= 100
writeResult({
  proof: 'signal-flood',
  seed: 0,
  size: { signals },
  seconds: Math.round((performance.now() - began) / 1000),
  verdict: isWhole && flood.runs >= (signals * 50) / 100_000 && flood.longest_run <= 8192 ? 'passed' : 'failed',
  detail: flood,
})
await pool.end()
await temporal.teardown()
await postgres.stop()
