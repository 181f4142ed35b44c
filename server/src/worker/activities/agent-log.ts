import type { AgentLogActivities } from '@trader/workflows/activities'
import type { Pool } from '../../database/pool.ts'
import { saveAgentLog } from '../../database/queries/agent-log.ts'

export function createAgentLogActivities({ pool }: { pool: Pool }): AgentLogActivities {
  return { storeAgentLog: (entries) => saveAgentLog(pool, entries) }
}
