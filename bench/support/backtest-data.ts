import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@trader/core/market/seeded-random'
import { say } from './report.ts'

/** The reference's folder, with the peers and the generator; absent in a clone without it. */
export const perfFolder = new URL('../../../shared/perf', import.meta.url).pathname

const rowsOf = { '20k': 20_000, '1y': 525_600, '5y': 2_628_000 } as const
const firstStart = 1_577_836_800_000

/**
 * A directory with `BTC-USD-1y.csv` and its like: `PERF_DATA` or the usual place if they are there, made by the reference's generator
 * where Python has numpy, else made here in the same way with other random numbers.
 */
export function backtestData(): string {
  const directory = process.env['PERF_DATA'] ?? join(tmpdir(), 'perfdata')
  if (existsSync(join(directory, 'BTC-USD-5y.csv')) && existsSync(join(directory, 'BTC-USD-5y.f64'))) return directory
  mkdirSync(directory, { recursive: true })
  say(`making five years of minutes in ${directory}`)
  const generator = join(perfFolder, 'gen_data.py')
  if (existsSync(generator) && spawnSync('python3', [generator, '--out', directory], { stdio: 'ignore' }).status === 0) return directory
  makeData(directory)
  return directory
}

/** A walk in whole cents whose averages of 20 and 50 closes are never equal, so that exact and floating engines decide alike. */
function makeData(directory: string): void {
  const rows = rowsOf['5y']
  const random = seededRandom(20_260_101, 'benchmark')
  const cents = new Float64Array(rows)
  const columns = {
    open: new Float64Array(rows),
    high: new Float64Array(rows),
    low: new Float64Array(rows),
    close: new Float64Array(rows),
    volume: new Float64Array(rows),
  }
  let [fast, slow, before] = [0, 0, 4_200_000]
  for (let row = 0; row < rows; row += 1) {
    let close = Math.max(100_000, Math.round(before * Math.exp(random.gaussian(1, row) * 4e-4)))
    fast += close - (cents[row - 20] ?? 0)
    slow += close - (cents[row - 50] ?? 0)
    while (Math.abs(5 * fast - 2 * slow) < 10) [close, fast, slow] = [close + 1, fast + 1, slow + 1]
    const open = Math.round(before * (1 + random.gaussian(2, row) * 6e-5))
    cents[row] = close
    columns.open[row] = open / 100
    columns.high[row] = (Math.max(open, close) + Math.round(close * 2e-4 * Math.abs(random.gaussian(3, row)))) / 100
    columns.low[row] = (Math.min(open, close) - Math.round(close * 2e-4 * Math.abs(random.gaussian(4, row)))) / 100
    columns.close[row] = close / 100
    columns.volume[row] = Number(Math.exp(1 + 1.1 * random.gaussian(5, row)).toFixed(6))
    before = close
  }
  for (const [size, count] of Object.entries(rowsOf)) writeSize(directory, { size, count, columns })
}

function writeSize(
  directory: string,
  { size, count, columns }: { size: string; count: number; columns: Record<string, Float64Array> },
): void {
  const raw = Object.values(columns).map((column) => new Uint8Array(column.buffer, 0, count * 8))
  writeFileSync(join(directory, `BTC-USD-${size}.f64`), Buffer.concat(raw))
  const lines = ['timestamp_ms,open,high,low,close,volume']
  const { open, high, low, close, volume } = columns
  for (let row = 0; row < count; row += 1) {
    const prices = [open, high, low, close].map((column) => column![row]!.toFixed(2))
    lines.push([firstStart + row * 60_000, ...prices, volume![row]!.toFixed(6)].join(','))
  }
  writeFileSync(join(directory, `BTC-USD-${size}.csv`), `${lines.join('\n')}\n`)
}
