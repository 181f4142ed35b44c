import type { Balances } from '@trader/core/contract/ledger-messages'
import type { Portfolio, Position } from '@trader/core/contract/position'
import type { Run } from '@trader/core/contract/run'
import { staleAfterMs } from '@trader/core/market/market-clock'
import { markPortfolio } from '@trader/core/portfolio/equity'
import type { Database } from '../database/pool.ts'
import { latestTicks } from '../database/queries/latest-ticks.ts'

/** The currency that cash is counted in. */
const quote = 'USD'
/** Replayed candles are taken for minutes, the finest that files have. */
const timeframeMs = 60_000

/** A book's balances and positions, valued at the last tick of each product. */
export async function readPortfolio(
  database: Database,
  options: { run: Run; balances: Balances; positions: readonly Position[]; marketTime: number },
): Promise<Portfolio> {
  const { run, balances, positions, marketTime } = options
  const ticks = await latestTicks(database, { runId: run.run_id, before: marketTime })
  const cash = balances[quote]
  return markPortfolio({
    cash: cash?.posted ?? '0',
    heldCash: cash?.held ?? '0',
    scraped: cash?.scraped ?? '0',
    fees: cash?.fees ?? '0',
    positions,
    marks: Object.fromEntries(ticks.map((tick) => [tick.product, tick])),
    marketTime,
    staleAfterMs: staleAfterMs({ market: run.market, timeframeMs }),
  })
}
