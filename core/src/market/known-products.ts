import type { Product, ProductGroup, ProductRisk } from './product.ts'

const riskOfGroup: Readonly<Record<ProductGroup, ProductRisk>> = {
  stablecoin: 'low',
  major: 'medium',
  large_alt: 'high',
  established: 'high',
  defi: 'high',
  layer_2: 'high',
  newer: 'very_high',
  meme: 'very_high',
}

/**
 * The pairs the Broker knows. Increments have the size Coinbase uses for such prices; a live adapter takes the venue's own.
 */
export const knownProducts: readonly Product[] = [
  usdPair('BTC', 'major', '0.00000001', '0.01'),
  usdPair('ETH', 'major', '0.00000001', '0.01'),
  usdPair('SOL', 'large_alt', '0.00000001', '0.01'),
  usdPair('ADA', 'large_alt', '0.00000001', '0.0001'),
  usdPair('AVAX', 'large_alt', '0.00000001', '0.01'),
  usdPair('MATIC', 'large_alt', '0.1', '0.0001'),
  usdPair('DOT', 'large_alt', '0.00000001', '0.001'),
  usdPair('UNI', 'defi', '0.000001', '0.001'),
  usdPair('AAVE', 'defi', '0.001', '0.01'),
  usdPair('COMP', 'defi', '0.001', '0.01'),
  usdPair('MKR', 'defi', '0.000001', '0.01'),
  usdPair('SUSHI', 'defi', '0.01', '0.0001'),
  usdPair('LRC', 'layer_2', '0.000001', '0.0001'),
  usdPair('IMX', 'layer_2', '0.00000001', '0.0001'),
  usdPair('USDC', 'stablecoin', '0.01', '0.0001'),
  usdPair('DAI', 'stablecoin', '0.00001', '0.0001'),
  usdPair('DOGE', 'meme', '0.1', '0.00001'),
  usdPair('SHIB', 'meme', '1', '0.00000001'),
  usdPair('LTC', 'established', '0.00000001', '0.01'),
  usdPair('BCH', 'established', '0.00000001', '0.01'),
  usdPair('XLM', 'established', '0.00000001', '0.000001'),
  usdPair('ALGO', 'established', '0.1', '0.0001'),
  usdPair('APT', 'newer', '0.01', '0.001'),
  usdPair('ARB', 'newer', '0.01', '0.0001'),
  usdPair('OP', 'newer', '0.01', '0.001'),
  usdPair('NEAR', 'newer', '0.001', '0.001'),
]

function usdPair(base: string, group: ProductGroup, baseIncrement: string, quoteIncrement: string): Product {
  return {
    id: `${base}-USD`,
    base,
    quote: 'USD',
    base_increment: baseIncrement,
    quote_increment: quoteIncrement,
    min_notional: '1',
    group,
    risk: riskOfGroup[group],
  }
}
