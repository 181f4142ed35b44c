import { measureRisk, riskMetrics } from '@trader/core/metrics/risk-metrics'
import { z } from 'zod'
import { listEquitySamples } from '../../database/queries/equity-samples.ts'
import { returnPeriodMs } from '../../trading/return-period.ts'
import { runId } from '../arguments.ts'
import { currentPortfolio } from '../read-books.ts'
import { defineTool, readHints } from '../tool.ts'

export const getRiskMetrics = defineTool({
  name: 'get_risk_metrics',
  title: 'Risk metrics',
  description:
    'Cash ratio, largest position, leverage, drawdown, volatility and value at risk of the book as it stands, and how good its prices are. Use it before adding a position.',
  input: z.strictObject({ run_id: runId }),
  output: riskMetrics,
  hints: readHints,
  scope: 'read',
  primitive: 'query',
  async run(context, args) {
    const run = await context.run(args.run_id)
    const [{ portfolio }, equity] = await Promise.all([
      currentPortfolio(context, run),
      listEquitySamples(context.pool, { runId: run.run_id }),
    ])
    return measureRisk({
      portfolio,
      equity,
      periodMs: returnPeriodMs(portfolio.market_time - (equity[0]?.market_time ?? portfolio.market_time)),
    })
  },
})
