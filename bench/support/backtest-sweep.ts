import { settingsOf } from '@trader/core/backtest/settings'
import { knownProducts } from '@trader/core/market/known-products'
import { loadColumns } from '@trader/server/backtest/load-columns'
import { runTrials } from '@trader/server/backtest/run-trials'
import { v8SweepLoop } from './v8-loop.ts'

// A search over parameter sets on a year of minutes: the reference's loop and ours on one thread, ours on two. One JSON line.

const [file = '', cacheDir = '', count = '200'] = process.argv.slice(2)
const sets = Array.from({ length: Number(count) }, (_, index) => ({ fast: 5 + (index % 20), slow: 30 + 5 * Math.floor(index / 20) }))
const { columns } = await loadColumns(file, { cacheDir })
const config = {
  timeframe_ms: 60_000,
  from: 0,
  initial_cash: '100000',
  initial_allocations: {},
  taker_fee_bps: 1,
  maker_fee_bps: 1,
  spread_bps: 0,
  impact_bps: 0,
  max_participation: 1,
  fills: 'reference' as const,
  limits: 'off' as const,
  intrabar: 'path' as const,
  latency_bars: 0,
  min_hold_minutes: 0,
  flatten_daily: false,
  seed: 1,
}
const settings = settingsOf(config, { products: knownProducts.filter(({ id }) => id === 'BTC-USD'), limits: null, priceBuffer: 0 })

async function measure(work: () => unknown): Promise<{ wall: number; cpu: number }> {
  const [began, processor] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(processor)
  return { wall: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 }
}

const ours = (threads: number): Promise<unknown> => runTrials({ strategy: 'sma-cross', settings, columns: [columns], sets, threads })
const v8 = await measure(() => sets.map(({ fast, slow }) => v8SweepLoop(columns.open, columns.close, fast, slow, 0.0001)))
const one = await measure(() => ours(1))
const two = await measure(() => ours(2))
process.stdout.write(`${JSON.stringify({ sets: sets.length, v8, one, two })}\n`)
