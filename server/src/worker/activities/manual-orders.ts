import type { Client } from '@temporalio/client'
import { defaultRiskLimits } from '@trader/core/risk/limits'
import type { Book } from '@trader/core/contract/primitives'
import type { ManualOrderActivities, PauseActivities } from '@trader/workflows/activities'
import { type Pool, withTransaction } from '../../database/pool.ts'
import { listFills } from '../../database/queries/list-fills.ts'
import { newestRun } from '../../database/queries/newest-run.ts'
import { recordBlock } from '../../database/queries/record-block.ts'
import { cancelOpenOrders } from '../../trading/cancel-order.ts'
import { marketNow } from '../../trading/market-now.ts'
import { marketSpeed } from '../../trading/market-speed.ts'
import { minuteMs, readFeatures } from '../../trading/read-features.ts'
import { readRisk } from '../../trading/read-risk.ts'
import { openRunOf } from '../../trading/open-run-of.ts'
import { setFlag } from '../../trading/set-flag.ts'

/** Now on the market clock of the book's newest run. */
async function bookNow(pool: Pool, book: Book): Promise<number> {
  const run = await newestRun(pool, book)
  return run === null ? Date.now() : marketNow({ run, wallTime: Date.now() })
}

/** What orders of the user's own need: the moment they are checked against, and the record of what was refused or filled. */
export function createManualOrderActivities({ pool, client }: { pool: Pool; client: Client }): ManualOrderActivities & PauseActivities {
  return {
    async gatherRisk({ run_id, book }) {
      const run = await openRunOf(pool, { runId: run_id, book })
      const marketTime = marketNow({ run, wallTime: Date.now() })
      const limits = defaultRiskLimits
      const features = await readFeatures(client, { products: run.products, marketTime: null })
      const risk = await withTransaction(pool, (db) => readRisk(db, { run, marketTime, limits, features }), {
        isolation: 'repeatable read',
      })
      const feed = { market: run.market, timeframeMs: minuteMs, speed: await marketSpeed(client, { runId: run_id }) }
      return { risk, limits, feed, market_time: marketTime }
    },
    recordBlocks: (blocks) =>
      withTransaction(pool, async (db) => {
        for (const block of blocks) {
          const run = block.market_time === null ? await openRunOf(db, { runId: block.run_id, book: block.book }) : null
          const market_time = block.market_time ?? (run === null ? Date.now() : marketNow({ run, wallTime: Date.now() }))
          await recordBlock(db, { ...block, market_time })
        }
      }),
    async listFillsOf(orderIds) {
      const fills = await Promise.all(orderIds.map((orderId) => listFills(pool, { orderId, limit: 1000 })))
      return fills.flat().sort((a, b) => a.market_time - b.market_time)
    },
    async cancelOpenOrders({ run_id, book, reason, market_time }) {
      const run = await openRunOf(pool, { runId: run_id, book })
      const { cancelled, failed } = await cancelOpenOrders({ temporal: client, database: pool }, { run, reason, marketTime: market_time })
      if (failed.length > 0)
        throw new Error(`orders could not be cancelled: ${failed.map(({ order_id, why }) => `${order_id}: ${why}`).join('; ')}`)
      return { cancelled }
    },
    async pauseTrading({ book, reason, by }) {
      await setFlag(
        { temporal: client, database: pool },
        { book, state: 'paused', reason, by, marketTime: await bookNow(pool, book), mayLoosen: true },
      )
    },
  }
}
