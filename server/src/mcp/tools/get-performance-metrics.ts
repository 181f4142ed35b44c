import { measurePerformance, performanceMetrics } from '@trader/core/metrics/performance-metrics'
import { z } from 'zod'
import { allFills } from '../../database/queries/all-fills.ts'
import { listEquitySamples } from '../../database/queries/equity-samples.ts'
import { returnPeriodMs } from '../../trading/return-period.ts'
import { runId } from '../arguments.ts'
import { currentPortfolio } from '../read-books.ts'
import { defineTool, readHints } from '../tool.ts'

const dayMs = 86_400_000

export const getPerformanceMetrics = defineTool({
  name: 'get_performance_metrics',
  title: 'Performance metrics',
  description:
    'Closed trades, win rate, profit and loss, fees, returns, drawdown, Sharpe, Sortino and more over a window of days. Use it to judge how well the trading went; null means there is too little to say.',
  input: z.strictObject({ window_days: z.number().positive().max(3650).default(30), run_id: runId }),
  output: performanceMetrics,
  hints: readHints,
  scope: 'read',
  primitive: 'ledger',
  async run(context, { window_days: windowDays, run_id }) {
    const run = await context.run(run_id)
    const { portfolio } = await currentPortfolio(context, run)
    const marketTime = portfolio.market_time
    const from = Math.max(0, Math.round(marketTime - windowDays * dayMs))
    const [fills, samples] = await Promise.all([
      allFills(context.pool, run.run_id),
      listEquitySamples(context.pool, { runId: run.run_id, from }),
    ])
    // The present is the last point of the curve.
    const equity = [...samples, { market_time: marketTime, equity: portfolio.equity }]
    const periodMs = returnPeriodMs(marketTime - (equity[0]?.market_time ?? marketTime))
    return measurePerformance({ fills, equity, periodMs, portfolio, windowDays, marketTime })
  },
})
