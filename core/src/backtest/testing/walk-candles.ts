import { seededRandom } from '../../market/seeded-random.ts'
import type { Columns } from '../columns.ts'

/** Candles of a random walk in whole cents, for tests: now and then a flat stretch, an empty minute or a gap. */
export function walkCandles(options: {
  readonly seed: number
  readonly rows: number
  readonly product?: string
  readonly start?: number
  readonly timeframeMs?: number
  readonly price?: number
  /** Share of candles before which some are missing, and of those without volume. */
  readonly gaps?: number
  readonly empty?: number
  readonly volume?: number
}): Columns {
  const {
    seed,
    rows,
    product = 'BTC-USD',
    start = 1_577_836_800_000,
    timeframeMs = 60_000,
    price = 42_000,
    gaps = 0,
    empty = 0,
    volume = 3,
  } = options
  const random = seededRandom(seed, `walk ${product}`)
  const column = (): Float64Array => new Float64Array(rows)
  const columns = { start: column(), open: column(), high: column(), low: column(), close: column(), volume: column() }
  let time = start
  let cents = Math.round(price * 100)
  for (let row = 0; row < rows; row += 1) {
    const isFlat = Math.floor(row / 70) % 9 === 8
    const step = (stream: number, size: number): number => (isFlat ? 0 : Math.round(random.gaussian(stream, row) * cents * size))
    const open = Math.max(2, cents + step(1, 0.0001))
    cents = Math.max(2, cents + step(2, 0.0006))
    const high = Math.max(open, cents) + Math.abs(step(3, 0.0003))
    const low = Math.max(1, Math.min(open, cents) - Math.abs(step(4, 0.0003)))
    if (random.uniform(5, row) < gaps) time += timeframeMs * (1 + Math.floor(random.uniform(6, row) * 20))
    columns.start[row] = time
    columns.open[row] = open / 100
    columns.high[row] = high / 100
    columns.low[row] = low / 100
    columns.close[row] = cents / 100
    columns.volume[row] = random.uniform(7, row) < empty ? 0 : Math.round(volume * Math.exp(random.gaussian(8, row)) * 1e8) / 1e8
    time += timeframeMs
  }
  return { product, timeframeMs, rows, ...columns }
}
