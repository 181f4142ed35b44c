import type { Run } from '@trader/core/contract/run'
import { roundTrips } from '@trader/core/metrics/round-trips'
import { maxDrawdown } from '@trader/core/metrics/max-drawdown'
import { equitySamples } from '@trader/core/metrics/equity-series'
import { totalReturn } from '@trader/core/metrics/returns'
import type { Pool } from '../../database/pool.ts'
import { allFills } from '../../database/queries/all-fills.ts'
import { listEquitySamples } from '../../database/queries/equity-samples.ts'
import { getBalances } from '../../database/queries/get-balances.ts'
import { getPositions } from '../../database/queries/get-positions.ts'
import { runCounts } from '../../database/queries/run-counts.ts'
import { readPortfolio } from '../../trading/read-portfolio.ts'

/** What a run came to, as `trader start --run-for` and `--until` print it. Amounts in quote currency, as text. */
export async function runSummary(pool: Pool, run: Run): Promise<Readonly<Record<string, unknown>>> {
  const runId = run.run_id
  const marketTime = run.cursor ?? Date.now()
  const [counts, fills, samples, balances, positions] = await Promise.all([
    runCounts(pool, runId),
    allFills(pool, runId),
    listEquitySamples(pool, { runId }),
    getBalances(pool, runId),
    getPositions(pool, runId),
  ])
  const portfolio = await readPortfolio(pool, { run, balances, positions, marketTime })
  const curve = equitySamples([
    ...samples.filter((sample) => sample.market_time < marketTime),
    { market_time: marketTime, equity: portfolio.equity },
  ])
  return {
    run_id: runId,
    market: run.market,
    products: run.products,
    status: run.status,
    market_time: marketTime,
    ...counts,
    fills: fills.length,
    closed_trades: roundTrips(fills).length,
    fees: portfolio.fees,
    realized_pnl: portfolio.realized_pnl,
    unrealized_pnl: portfolio.unrealized_pnl,
    scraped: portfolio.scraped,
    cash: portfolio.cash,
    equity: portfolio.equity,
    total_return: totalReturn(curve.map((sample) => sample.equity)),
    max_drawdown: maxDrawdown(curve)?.depth ?? null,
  }
}
