import { readFileSync } from 'node:fs'
import { loadColumns } from '@trader/server/backtest/load-columns'
import { v8ParseCsv } from './v8-loop.ts'

// Processor seconds of reading a candle file: the bare parse of the reference, ours with every row checked and hashed, and ours from the
// raw columns that the last run kept. In turns; one JSON line.

const [file = '', cacheDir = '', repeat = '5'] = process.argv.slice(2)

async function cpuSeconds(work: () => unknown): Promise<number> {
  const began = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1e6
}

const measured: Record<'bare_parse' | 'csv' | 'cache', number[]> = { bare_parse: [], csv: [], cache: [] }
await loadColumns(file, { cacheDir })
for (let round = 0; round < Number(repeat) + 1; round += 1) {
  const costs = {
    bare_parse: await cpuSeconds(() => v8ParseCsv(readFileSync(file))),
    csv: await cpuSeconds(() => loadColumns(file, { cacheDir: null })),
    cache: await cpuSeconds(() => loadColumns(file, { cacheDir })),
  }
  if (round === 0) continue
  measured.bare_parse.push(costs.bare_parse)
  measured.csv.push(costs.csv)
  measured.cache.push(costs.cache)
}
process.stdout.write(`${JSON.stringify(measured)}\n`)
