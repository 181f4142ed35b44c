import { marketStreamId } from '@trader/workflows/names'
import { z } from 'zod'
import { intervalSec, marketOutput, startMarketFor, symbols } from '../market-tool.ts'
import { defineTool } from '../tool.ts'

export const startMarketStream = defineTool({
  name: 'start_market_stream',
  title: 'Start the market stream',
  description:
    'Streams the market for the given products: loads their history, then ticks and features, and lets the agents trade them. Use it once the user has chosen their pairs; the same pairs again change nothing.',
  input: z.strictObject({
    symbols,
    interval_sec: intervalSec,
    load_historical: z.boolean().default(true).describe('False: without the history before the first tick.'),
  }),
  output: marketOutput,
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  scope: 'trade',
  primitive: 'workflow',
  run: (context, args) =>
    startMarketFor(context, { products: args.symbols, loadHistory: args.load_historical, workflowId: marketStreamId }),
})
