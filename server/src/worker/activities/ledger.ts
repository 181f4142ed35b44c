import type { Client } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { scrapeFraction } from '@trader/core/portfolio/profit-scraping'
import type { LedgerActivities } from '@trader/workflows/activities'
import { IdempotencyConflict } from '../../database/database-error.ts'
import { type Database, type Pool, withStatement, withTransaction } from '../../database/pool.ts'
import { getBalances } from '../../database/queries/get-balances.ts'
import { getPositions } from '../../database/queries/get-positions.ts'
import { getPreferences } from '../../database/queries/preferences.ts'
import { recordFill } from '../../database/queries/record-fill.ts'
import { releaseOrder } from '../../database/queries/release-order.ts'
import { reserveArmed } from '../../database/queries/reserve-armed.ts'
import { reserveOrders } from '../../database/queries/reserve-orders.ts'
import { copyKeptFlag } from './copy-kept-flag.ts'

/** The postings of the execution ledger: one transaction each, idempotent by the ids inside. */
export function createLedgerActivities({ pool, client }: { pool: Pool; client: Client }): LedgerActivities {
  const post = async <Result>(work: (database: Database) => Promise<Result>): Promise<Result> => {
    try {
      return await withStatement(pool, work)
    } catch (error) {
      // The same key for something else will be refused however often it is tried.
      if (error instanceof IdempotencyConflict) throw ApplicationFailure.nonRetryable(error.message, 'IdempotencyConflict')
      throw error
    }
  }
  return {
    loadLedger: ({ run_id, book }) =>
      withTransaction(
        pool,
        async (db) => ({
          run_id,
          book,
          positions: Object.fromEntries((await getPositions(db, run_id)).map((position) => [position.product, position])),
          balances: await getBalances(db, run_id),
          scrape_fraction: scrapeFraction((await getPreferences(db)).profit_scraping_percentage),
        }),
        { isolation: 'repeatable read' },
      ),
    async postReserve(batch) {
      await copyKeptFlag({ pool, client }, batch.book)
      return post((db) => reserveOrders(db, batch))
    },
    async postTriggeredReserve(request) {
      await copyKeptFlag({ pool, client }, request.book)
      return post((db) => reserveArmed(db, request))
    },
    postFill: (posting) => post((db) => recordFill(db, posting)),
    postRelease: async (request) => (await post((db) => releaseOrder(db, request))).balances,
  }
}
