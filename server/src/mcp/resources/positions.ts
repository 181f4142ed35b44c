import { decimal } from '@trader/core/money/decimal'
import { z } from 'zod'
import { currentPortfolio } from '../read-books.ts'
import { defineJsonResource, stateTtlMs } from '../resource.ts'

export const positions = defineJsonResource({
  uri: 'trader://positions',
  name: 'positions',
  title: 'Positions',
  description: 'What the newest run holds, each position with its cost, mark, value and profit.',
  variables: z.strictObject({}),
  async read(context) {
    const run = await context.run()
    const { status, portfolio } = await currentPortfolio(context, run)
    const held = portfolio.positions.filter(({ quantity }) => !decimal(quantity).isZero())
    const content = { status, run_id: run.run_id, book: run.book, market_time: portfolio.market_time, positions: held }
    return { content, ttlMs: stateTtlMs }
  },
})
