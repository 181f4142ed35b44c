import { decimal } from '../money/decimal.ts'
import { findProduct, type Product, type ProductGroup } from './product.ts'

/** What a simulated pair is like. Statistics, so plain numbers. */
export interface SimulatedProduct {
  readonly product: Product
  /** The price that the path swings around, quote currency. */
  readonly basePrice: number
  readonly quoteIncrement: number
  readonly baseIncrement: number
  /** Standard deviation of a day's log return in a quiet market. */
  readonly dailyVolatility: number
  /** Quote currency traded in an ordinary minute. */
  readonly minuteNotional: number
  readonly spreadBps: number
}

const characterOfGroup: Readonly<Record<ProductGroup, Pick<SimulatedProduct, 'dailyVolatility' | 'minuteNotional' | 'spreadBps'>>> = {
  major: { dailyVolatility: 0.03, minuteNotional: 500_000, spreadBps: 1 },
  large_alt: { dailyVolatility: 0.045, minuteNotional: 80_000, spreadBps: 4 },
  established: { dailyVolatility: 0.04, minuteNotional: 40_000, spreadBps: 4 },
  defi: { dailyVolatility: 0.05, minuteNotional: 20_000, spreadBps: 8 },
  layer_2: { dailyVolatility: 0.05, minuteNotional: 20_000, spreadBps: 8 },
  newer: { dailyVolatility: 0.055, minuteNotional: 20_000, spreadBps: 8 },
  meme: { dailyVolatility: 0.06, minuteNotional: 60_000, spreadBps: 6 },
  stablecoin: { dailyVolatility: 0.0004, minuteNotional: 100_000, spreadBps: 1 },
}

/** Prices of the size these pairs had in the first half of 2024. */
const basePrices: ReadonlyMap<string, number> = new Map([
  ['BTC-USD', 65_000],
  ['ETH-USD', 3200],
  ['SOL-USD', 150],
  ['ADA-USD', 0.45],
  ['AVAX-USD', 35],
  ['MATIC-USD', 0.7],
  ['DOT-USD', 7],
  ['UNI-USD', 8],
  ['AAVE-USD', 95],
  ['COMP-USD', 55],
  ['MKR-USD', 2800],
  ['SUSHI-USD', 1.1],
  ['LRC-USD', 0.25],
  ['IMX-USD', 2.2],
  ['USDC-USD', 1],
  ['DAI-USD', 1],
  ['DOGE-USD', 0.14],
  ['SHIB-USD', 0.000024],
  ['LTC-USD', 82],
  ['BCH-USD', 450],
  ['XLM-USD', 0.11],
  ['ALGO-USD', 0.19],
  ['APT-USD', 9],
  ['ARB-USD', 1.1],
  ['OP-USD', 2.6],
  ['NEAR-USD', 6],
])

/** Undefined for a pair that `product.ts` does not know. */
export function simulatedProduct(id: string): SimulatedProduct | undefined {
  const product = findProduct(id)
  const basePrice = basePrices.get(id)
  if (product === undefined || basePrice === undefined) return undefined
  return {
    product,
    basePrice,
    quoteIncrement: decimal(product.quote_increment).toNumber(),
    baseIncrement: decimal(product.base_increment).toNumber(),
    ...characterOfGroup[product.group],
  }
}
