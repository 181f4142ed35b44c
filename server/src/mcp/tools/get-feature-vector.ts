import { featureVector } from '@trader/core/contract/feature-vector'
import { timestampMs } from '@trader/core/contract/primitives'
import { featureVectorQuery } from '@trader/workflows/messages'
import { featureId } from '@trader/workflows/names'
import { z } from 'zod'
import { refuseUnstreamed } from '../streamed.ts'
import { product } from '../arguments.ts'
import { defineTool, readHints } from '../tool.ts'

export const getFeatureVector = defineTool({
  name: 'get_feature_vector',
  title: 'Feature vector',
  description:
    'Price, spread, returns, moving averages, RSI, MACD, ATR, Bollinger bands, VWAP and volatility of one product as of now. Use it to judge the market before a trade.',
  input: z.strictObject({
    product,
    market_time: timestampMs.optional().describe('As of this market time, inside the window that is kept; default: the last tick.'),
  }),
  output: featureVector,
  hints: readHints,
  scope: 'read',
  primitive: 'query',
  async run(context, args) {
    const refusal = await refuseUnstreamed(context, [args.product])
    if (refusal !== null) return refusal
    return context.temporal.workflow.getHandle(featureId(args.product)).query(featureVectorQuery, args.market_time ?? null)
  },
})
