import { z } from 'zod'
import { defineJsonResource, stateTtlMs } from '../resource.ts'
import { ToolFailure } from '../tool-failure.ts'
import { Refusal } from '../tool.ts'
import { getPortfolioStatus } from '../tools/get-portfolio-status.ts'

export const portfolio = defineJsonResource({
  uri: 'trader://portfolio',
  name: 'portfolio',
  title: 'Portfolio',
  description: 'Cash, positions, profit and loss and equity of the newest run, as get_portfolio_status answers them.',
  variables: z.strictObject({}),
  async read(context) {
    const answer = await getPortfolioStatus.call(context, {})
    if (answer instanceof Refusal) throw new ToolFailure(answer.code, answer.message)
    return { content: answer, ttlMs: stateTtlMs }
  },
})
