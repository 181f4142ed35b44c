import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { scrapeFraction } from '@trader/core/portfolio/profit-scraping'
import type { PreferencesActivities } from '@trader/workflows/activities'
import { setScrapeFractionUpdate } from '@trader/workflows/messages'
import { executionLedgerId } from '@trader/workflows/names'
import { IdempotencyConflict } from '../../database/database-error.ts'
import { type Pool, withTransaction } from '../../database/pool.ts'
import { getPreferences, mergePreferences } from '../../database/queries/preferences.ts'
import { sendUpdate } from '../../workflow-update.ts'
import { runInstant } from './run-instant.ts'

export function createPreferencesActivities({ pool, client }: { pool: Pool; client: Client }): PreferencesActivities {
  return {
    loadPreferences: () => getPreferences(pool),
    async storePreferences({ request_id, change, book }) {
      try {
        const preferences = await withTransaction(pool, async (db) => {
          const { market_time } = await runInstant(db, book)
          return mergePreferences(db, { idempotencyKey: request_id, patch: change, who: 'user', marketTime: market_time })
        })
        return { status: 'stored', preferences }
      } catch (error) {
        if (error instanceof IdempotencyConflict) return { status: 'conflict', detail: error.message }
        throw error
      }
    },
    async applyScrapeFraction({ book, preferences }) {
      const update = sendUpdate(client, {
        workflowId: executionLedgerId(book),
        update: setScrapeFractionUpdate,
        input: scrapeFraction(preferences.profit_scraping_percentage),
        updateId: `preferences:${preferences.version}`,
      })
      await update.catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error
      })
    },
  }
}
