import { basename } from 'node:path'
import { timeframeMs } from '@trader/core/market/timeframe'
import { ExitError } from '../exit-code.ts'

/** A candle file as it is named on a command line: `path`, or `BTC-USD=path` where the name does not say the product. */
export interface CandleFileName {
  readonly path: string
  readonly product: string
  /** What the name says of the candles' length, ms; null where it says nothing. */
  readonly timeframeMs: number | null
}

const productInName = /(?:^|_)([A-Za-z0-9]{1,12}-[A-Za-z]{2,12})(?=[_.-])/

/** Reads product and timeframe off a name such as `coinbase_BTC-USD_1m_2018.csv`. */
export function readCandleFileName(given: string): CandleFileName {
  const explicit = /^([A-Za-z0-9]{1,12}[-/][A-Za-z0-9]{1,12})=(.+)$/.exec(given)
  const path = explicit?.[2] ?? given
  const file = basename(path)
  const product = (explicit?.[1] ?? productInName.exec(file)?.[1])?.toUpperCase().replace('/', '-')
  if (product === undefined) {
    throw new ExitError('usage', `file ${file} does not name its product: call it like coinbase_BTC-USD_1m.csv, or give BTC-USD=${path}`)
  }
  const words = file.replace(/\.[^.]+$/, '').split(/[_-]/)
  return { path, product, timeframeMs: words.map(timeframeMs).find((length) => length !== undefined) ?? null }
}
