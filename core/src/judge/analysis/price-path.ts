/** Prices of one product in order of time; times in ms. */
export interface PricePath {
  readonly times: readonly number[]
  readonly prices: readonly number[]
}

/** What a price did from a time on, in basis points of the price then. `best` is never below 0, `worst` never above. */
export interface PriceMove {
  readonly price: number
  readonly moveBps: number
  readonly bestBps: number
  readonly worstBps: number
}

/** Points in any order; of two at one time the later in the list counts. */
export function pricePath(points: readonly { readonly market_time: number; readonly price: string | number }[]): PricePath {
  const sorted = [...new Map(points.map((point) => [point.market_time, Number(point.price)])).entries()].sort(([a], [b]) => a - b)
  return { times: sorted.map(([time]) => time), prices: sorted.map(([, price]) => price) }
}

/** From the last price at or before `from` to the last one at or before `from + horizonMs`; null where either is missing. */
export function priceMove(path: PricePath, { from, horizonMs }: { from: number; horizonMs: number }): PriceMove | null {
  const first = lastAtOrBefore(path.times, from)
  const last = lastAtOrBefore(path.times, from + horizonMs)
  const price = path.prices[first]
  if (price === undefined || price <= 0 || last <= first) return null
  let [best, worst] = [price, price]
  for (let index = first + 1; index <= last; index += 1) {
    const seen = path.prices[index] ?? price
    best = Math.max(best, seen)
    worst = Math.min(worst, seen)
  }
  const bps = (value: number): number => Math.round((value / price - 1) * 100_000) / 10
  return { price, moveBps: bps(path.prices[last] ?? price), bestBps: bps(best), worstBps: bps(worst) }
}

/** Index of the last time that is not after `time`; -1 where there is none. */
function lastAtOrBefore(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? Infinity) <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}
