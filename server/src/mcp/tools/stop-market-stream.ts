import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { stopMarket } from '../../stack/run/begin-run.ts'
import { defineTool } from '../tool.ts'

export const stopMarketStream = defineTool({
  name: 'stop_market_stream',
  title: 'Stop the market stream',
  description:
    'Stops ticks and features; open orders stay and fill once the stream goes on, stops included. Use it only when the user wants no market at all; pause_trading is what stops new trades.',
  input: z.strictObject({}),
  output: z.object({ stopped: z.boolean().describe('False: nothing was streaming.') }),
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  scope: 'trade',
  primitive: 'update',
  run: async ({ temporal }) => ({ stopped: await stopMarket({ client: temporal, startId: randomBytes(6).toString('hex') }) }),
})
