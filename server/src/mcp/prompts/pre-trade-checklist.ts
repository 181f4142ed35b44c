import { productId } from '@trader/core/contract/primitives'
import { z } from 'zod'
import { definePrompt } from '../prompt.ts'
import { completeProduct, starting } from '../resources/completers.ts'

const sides = ['BUY', 'SELL'] as const

export const preTradeChecklist = definePrompt({
  name: 'pre_trade_checklist',
  title: 'Pre-trade checklist',
  description: 'Everything to look at before an order of one product is placed by hand.',
  arguments: z.strictObject({
    symbol: productId.describe('A product such as BTC-USD.'),
    side: z.enum(sides).describe('BUY or SELL'),
  }),
  complete: { symbol: completeProduct, side: (_, start) => Promise.resolve(starting(sides, start.toUpperCase())) },
  write: ({ symbol, side }) => ({
    ask: `I consider to ${side} ${symbol}. Go through this list, a line each with the figure and pass or fail:

1. Trading is on, prices are live and the spread is normal (attached limits and portfolio, get_feature_vector).
2. Cash or holdings suffice, with fees and the price buffer.
3. The position stays under its limits: product, gross exposure, cash reserve, what preferences and policy allow.
4. The expected edge, as I state it or as you estimate it from the features, exceeds the cost of a round trip: two taker fees, the spread, the impact.
5. Stop and take-profit, and what is lost at the stop against the daily loss and risk budget that are left.
6. No open order of ${symbol} that it would double or cross (list_orders), no cool-down still running.
7. What the attached candles say for it and against it.

End with your verdict and the place_mock_order call that would do it. Do not make the call before I say so.`,
    attach: ['trader://portfolio', 'trader://risk/limits', `trader://market/${symbol}/candles?tf=5m&limit=48`],
  }),
})
