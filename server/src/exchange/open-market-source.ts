import type { MarketPlan } from '@trader/core/contract/market-messages'
import { isStepped } from '@trader/core/market/feed-step'
import { openCcxtSource } from './ccxt/ccxt-source.ts'
import { openCoinbaseSource } from './coinbase/coinbase-source.ts'
import type { MarketSource } from './market-source.ts'
import { openReplaySource } from './replay/replay-source.ts'
import { openSimulatedSource } from './simulated/simulated-source.ts'

/** What a source is opened from: equal values open equal sources. */
export type SourceRequest = Pick<MarketPlan, 'source' | 'products' | 'historical_minutes'>

export interface MarketAddresses {
  readonly coinbaseRestUrl?: string
  readonly coinbaseStreamUrl?: string
}

/** Opens the source that a plan names. Throws where it cannot: a bad file, an unknown product, no connection. */
export async function openMarketSource(request: SourceRequest, addresses: MarketAddresses = {}): Promise<MarketSource> {
  const { source, products } = request
  const { coinbaseRestUrl: restUrl, coinbaseStreamUrl: streamUrl } = addresses
  switch (source.market) {
    case 'replay': {
      const { files, spread_bps: spreadBps } = source
      return openReplaySource({ files, products, historicalMinutes: request.historical_minutes, spreadBps })
    }
    case 'simulated':
      return openSimulatedSource({ seed: source.seed, products, pace: isStepped(source) ? 'stepped' : 'stream' })
    case 'coinbase':
      return openCoinbaseSource({
        products,
        ...(restUrl === undefined ? {} : { restUrl }),
        ...(streamUrl === undefined ? {} : { streamUrl }),
      })
    case 'ccxt':
      break
  }
  const { exchange, spread_bps: spreadBps } = source
  if (exchange === null) throw new Error('a ccxt market needs the name of an exchange')
  return openCcxtSource({ exchange, products, spreadBps })
}
