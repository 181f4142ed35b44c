import type { Client } from '@temporalio/client'
import type { ArchiveActivities } from '@trader/workflows/activities'
import { archiveHistories } from '../../audit/archive/archive-histories.ts'
import type { Pool } from '../../database/pool.ts'

export function createArchiveActivities({ pool, client }: { pool: Pool; client: Client }): ArchiveActivities {
  return { archiveHistories: (request) => archiveHistories({ pool, client }, request) }
}
