import { subscriptionId } from '@trader/workflows/names'
import { z } from 'zod'
import { intervalSec, marketOutput, startMarketFor, symbols } from '../market-tool.ts'
import { defineTool } from '../tool.ts'

export const subscribeCexStream = defineTool({
  name: 'subscribe_cex_stream',
  title: 'Subscribe to the exchange',
  description:
    'Makes the subscription that fans in ticks of the given products, without loading history. Use it to reconnect; start_market_stream is the usual way to begin.',
  input: z.strictObject({
    symbols,
    interval_sec: intervalSec,
    exchange: z
      .string()
      .regex(/^[a-z0-9]{1,64}$/, 'must be the name of an exchange in ccxt, such as kraken')
      .optional()
      .describe(
        'Stream public prices of this exchange, by its name in ccxt (kraken, bitstamp, coinbaseexchange...); still traded on paper. Default: the market that streams.',
      ),
  }),
  output: marketOutput,
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  scope: 'trade',
  primitive: 'workflow',
  run: (context, args) =>
    startMarketFor(context, { products: args.symbols, loadHistory: false, exchange: args.exchange, workflowId: subscriptionId }),
})
