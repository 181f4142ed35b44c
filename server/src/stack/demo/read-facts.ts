import type { Fill, VenueFill } from '@trader/core/contract/fill'
import type { Order } from '@trader/core/contract/order'
import type { Run } from '@trader/core/contract/run'
import { scrapedProfit, scrapeFraction } from '@trader/core/portfolio/profit-scraping'
import { decimal, sum, toText } from '@trader/core/money/decimal'
import type { Pool } from '../../database/pool.ts'
import { listFills } from '../../database/queries/list-fills.ts'
import { findOrder } from '../../database/queries/list-orders.ts'
import { listPaperFills } from '../../database/queries/list-paper-fills.ts'
import { listPostings } from '../../database/queries/list-postings.ts'
import { listWallets } from '../../database/queries/list-wallets.ts'
import { getPreferences } from '../../database/queries/preferences.ts'

/** An order as the order table, the venue, the ledger and the journal each have it. */
export interface OrderFacts {
  readonly order: Order
  readonly venueFills: readonly VenueFill[]
  readonly fills: readonly Fill[]
  /** Journal transactions of each venue fill, in the venue's order: exactly once is a 1 for each. */
  readonly postingsPerFill: readonly number[]
}

export async function readOrder(pool: Pool, run: Run, orderId: string): Promise<OrderFacts> {
  const order = await findOrder(pool, orderId)
  if (order === null) throw new Error(`there is no order ${orderId}`)
  const [venueFills, fills, postings] = await Promise.all([
    listPaperFills(pool, { runId: run.run_id, orderId }),
    listFills(pool, { orderId }),
    listPostings(pool, order.correlation_id),
  ])
  const postingsPerFill = venueFills.map(({ fill_id }) => {
    return new Set(postings.filter(({ idem_key }) => idem_key === `fill:${fill_id}`).map(({ txn_id }) => txn_id)).size
  })
  return { order, venueFills, fills, postingsPerFill }
}

/** The quantity of some fills together, in base currency. */
export function totalQuantity(fills: readonly { readonly quantity: string }[]): string {
  return toText(sum(fills.map((fill) => decimal(fill.quantity))))
}

/** What profit came to and what was set aside of it, in quote currency. `expected` is computed here once more, from the profits. */
export interface ProfitFacts {
  readonly realized: string
  readonly percentage: number
  readonly scraped: string
  readonly expected: string
  readonly wallet: string
}

export async function readProfit(pool: Pool, run: Run, quote: string): Promise<ProfitFacts> {
  const [fills, wallets, preferences] = await Promise.all([
    listFills(pool, { runId: run.run_id, limit: 1000 }),
    listWallets(pool, { runId: run.run_id }),
    getPreferences(pool),
  ])
  const percentage = preferences.profit_scraping_percentage
  const fraction = scrapeFraction(percentage)
  const profits = fills.map((fill) => decimal(fill.realized_pnl))
  return {
    realized: toText(sum(profits)),
    percentage,
    scraped: toText(sum(fills.map((fill) => decimal(fill.scraped)))),
    expected: toText(sum(profits.map((realized) => scrapedProfit({ realized, scrapeFraction: fraction, quote })))),
    wallet: wallets.find((wallet) => wallet.asset === quote)?.scraped ?? 'missing',
  }
}
