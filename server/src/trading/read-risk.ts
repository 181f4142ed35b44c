import type { FeatureVector } from '@trader/core/contract/feature-vector'
import type { Portfolio } from '@trader/core/contract/position'
import type { Run } from '@trader/core/contract/run'
import type { Wallet } from '@trader/core/contract/wallet'
import type { RiskLimits } from '@trader/core/risk/limits'
import type { PlacedOrder, RiskSnapshot } from '@trader/core/risk/risk-snapshot'
import type { Order } from '@trader/core/contract/order'
import { isDecision } from '@trader/workflows/names'
import type { Database } from '../database/pool.ts'
import { dayStartEquity } from '../database/queries/day-start-equity.ts'
import { dayUsage } from '../database/queries/day-usage.ts'
import { entryTimes } from '../database/queries/entry-times.ts'
import { getBalances } from '../database/queries/get-balances.ts'
import { getPositions } from '../database/queries/get-positions.ts'
import { latestTicks } from '../database/queries/latest-ticks.ts'
import { listOrders } from '../database/queries/list-orders.ts'
import { listWallets } from '../database/queries/list-wallets.ts'
import { openOrders } from '../database/queries/open-orders.ts'
import { getTradingFlag } from '../database/queries/trading-flag.ts'
import { readPortfolio } from './read-portfolio.ts'

const dayMs = 86_400_000
/** Enough for every order that a duplicate could be of: the day's limit is far below. */
const recentOrders = 200

/** Everything that risk needs to know of a book at a market time (ms), read from Postgres. */
export async function readRisk(
  db: Database,
  options: { run: Run; marketTime: number; limits: RiskLimits; features: readonly FeatureVector[] },
): Promise<RiskSnapshot> {
  const { run, marketTime, limits, features } = options
  const runId = run.run_id
  const dayStart = Math.floor(marketTime / dayMs) * dayMs
  const flag = await getTradingFlag(db, run.book)
  const portfolio = await readPortfolio(db, {
    run,
    balances: await getBalances(db, runId),
    positions: await getPositions(db, runId),
    marketTime,
  })
  const usage = await dayUsage(db, { runId, since: dayStart })
  const ticks = await latestTicks(db, { runId, before: marketTime })
  return {
    trading: flag.state,
    portfolio,
    wallets: Object.fromEntries((await listWallets(db, { runId })).map(walletView)),
    orders: await relevantOrders(db, { runId, since: marketTime - limits.duplicate_window_seconds * 1000 }),
    day: { start_equity: (await dayStartEquity(db, { runId, dayStart })) ?? equityOf(portfolio), ...usage },
    ticks: Object.fromEntries(ticks.map((tick) => [tick.product, tick])),
    atr_pct: Object.fromEntries(features.map((vector) => [vector.product, vector.atr_pct])),
    ...(await entryTimes(db, runId)),
  }
}

function walletView({ asset, available, tradeable }: Wallet): [string, RiskSnapshot['wallets'][string]] {
  return [asset, { available, tradeable }]
}

/** Open orders, and those placed since a market time. */
async function relevantOrders(db: Database, { runId, since }: { runId: string; since: number }): Promise<PlacedOrder[]> {
  const open = await openOrders(db, { runId })
  const recent = await listOrders(db, { runId, limit: recentOrders })
  const byId = new Map([...open, ...recent.filter((order) => order.market_time >= since)].map((order) => [order.order_id, placed(order)]))
  return [...byId.values()]
}

function placed(order: Order): PlacedOrder {
  const { order_id, product, side, type, state, quantity, filled_quantity, limit_price, market_time, origin } = order
  const author = isDecision(origin) ? 'agent' : 'person'
  return { order_id, product, side, type, state, quantity, filled_quantity, limit_price, market_time, author }
}

/** The day starts with what is there when nothing was sampled yet; equity is never negative on paper. */
function equityOf(portfolio: Portfolio): string {
  return portfolio.equity.startsWith('-') ? '0' : portfolio.equity
}
