import { productId } from '@trader/core/contract/primitives'
import { timeframeMs, timeframes } from '@trader/core/market/timeframe'
import { z } from 'zod'
import { listCandles } from '../../database/queries/list-candles.ts'
import { marketNow } from '../../trading/market-now.ts'
import { defineJsonResource, stateTtlMs } from '../resource.ts'
import { completeProduct, completeTimeframe } from './completers.ts'

export const candles = defineJsonResource({
  uri: 'trader://market/{symbol}/candles{?tf,limit}',
  name: 'candles',
  title: 'Candles',
  description: 'Candles of one product in the newest run, oldest first. tf is 1m to 1w (default 1m), limit at most 1000 (default 100).',
  variables: z.strictObject({
    symbol: productId,
    tf: z.enum(Object.keys(timeframes) as [string, ...string[]]).default('1m'), // a constant table that is not empty
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  }),
  complete: { symbol: completeProduct, tf: completeTimeframe },
  async read(context, { symbol, tf, limit }) {
    const run = await context.run()
    if (!run.products.includes(symbol)) return null
    const lengthMs = timeframeMs(tf) ?? 0
    const found = await listCandles(context.pool, { runId: run.run_id, product: symbol, timeframeMs: lengthMs, limit })
    const content = {
      run_id: run.run_id,
      product: symbol,
      timeframe: tf,
      candles: found,
      market_time: marketNow({ run, wallTime: context.now() }),
    }
    return { content, ttlMs: stateTtlMs }
  },
})
