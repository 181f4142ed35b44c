import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { KeptTradingFlag } from '@trader/core/contract/agent-messages'
import type { Book } from '@trader/core/contract/primitives'
import { executionStateQuery } from '@trader/workflows/messages'
import { executionAgentId } from '@trader/workflows/names'
import type { Database } from '../../database/pool.ts'
import { setTradingFlag } from '../../database/queries/trading-flag.ts'
import { runInstant } from './run-instant.ts'

/**
 * Brings Postgres a flag that the execution agent took while Postgres was away: whatever reserves funds asks for this first, so
 * that no order slips in between the database's return and the agent's next attempt. Shadow books have no agent of their own.
 */
export async function copyKeptFlag({ pool, client }: { pool: Database; client: Client }, book: Book): Promise<void> {
  if (book.startsWith('shadow:')) return
  const kept = await keptFlag(client)
  if (kept === null) return
  await setTradingFlag(pool, { book, state: kept.flag, reason: kept.reason, who: kept.by, ...(await runInstant(pool, book)) })
}

async function keptFlag(client: Client): Promise<KeptTradingFlag | null> {
  try {
    const agent = client.workflow.getHandle(executionAgentId)
    const { trading_flag: flag } = await agent.query(executionStateQuery)
    if (flag === null || flag.is_stored) return null
    // An agent that has ended answers for ever what it knew last.
    return (await agent.describe()).status.name === 'RUNNING' ? flag : null
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
