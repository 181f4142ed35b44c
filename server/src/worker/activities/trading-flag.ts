import type { TradingFlagActivities } from '@trader/workflows/activities'
import { type Pool, withTransaction } from '../../database/pool.ts'
import { getTradingFlag, setTradingFlag } from '../../database/queries/trading-flag.ts'
import { runInstant } from './run-instant.ts'

export function createTradingFlagActivities({ pool }: { pool: Pool }): TradingFlagActivities {
  return {
    async loadTradingFlag({ book }) {
      const { state, reason, who, changed_at } = await getTradingFlag(pool, book)
      return { flag: state, reason, by: who, set_at: changed_at, is_stored: true }
    },
    async storeTradingFlag({ flag, reason, by, book }) {
      await withTransaction(pool, async (db) => {
        await setTradingFlag(db, { book, state: flag, reason, who: by, ...(await runInstant(db, book)) })
      })
    },
  }
}
