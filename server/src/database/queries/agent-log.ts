import type { AgentLogEntry, AgentName } from '@trader/core/contract/agent-messages'
import type { Database } from '../pool.ts'
import { json, values } from './value.ts'

/** Adds lines to the agents' log, each once by its id. */
export async function saveAgentLog(db: Database, entries: readonly AgentLogEntry[]): Promise<void> {
  await db.query(
    `insert into agent_log (log_id, agent, kind, correlation_id, market_time, recorded_at, payload)
     select log_id, agent, kind, correlation_id, market_time, recorded_at, payload from jsonb_populate_recordset(null::agent_log, $1)
     on conflict do nothing`,
    [json(entries)],
  )
}

/** Lines of one agent recorded at or after `since` (ms), newest first. */
export async function listAgentLog(
  db: Database,
  { agent, since, limit }: { agent: AgentName; since: number; limit: number },
): Promise<AgentLogEntry[]> {
  return values(
    db,
    'select agent_log_json(l) as value from agent_log l where agent = $1 and recorded_at >= $2 order by recorded_at desc, log_id desc limit $3',
    [agent, since, limit],
  )
}
