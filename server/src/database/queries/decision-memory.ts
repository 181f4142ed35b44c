import type { DecisionSnapshot } from '@trader/core/agent/decision-snapshot'
import { emptyGate, type GateState } from '@trader/core/agent/gate'
import type { Database } from '../pool.ts'
import { valueOrNull, values } from './value.ts'

/** Enough to remember what was just tried; more would only lengthen the prompt. */
const remembered = 5

/** What a run's next decision knows of the ones before it: where the gate stands, and what the last answers were, oldest first. */
export async function decisionMemory(
  db: Database,
  { runId, before }: { runId: string; before: number },
): Promise<{ gate: GateState; recent: DecisionSnapshot['recent_decisions'] }> {
  const gate = await valueOrNull<GateState>(
    db,
    `select document #> '{gate,state}' as value from decision where run_id = $1 and market_time < $2 order by market_time desc, id desc limit 1`,
    [runId, before],
  )
  const newestFirst = await values<DecisionSnapshot['recent_decisions'][number]>(
    db,
    `select jsonb_build_object('market_time', market_time, 'action', action, 'summary', document #>> '{proposal,summary}',
       'orders', (select coalesce(jsonb_agg(format('%s %s %s', side, as_text(quantity), product) order by leg), '[]')
                  from orders where correlation_id = decision.id and parent_order_id is null)) as value
     from decision where run_id = $1 and market_time < $2 and document -> 'proposal' <> 'null' order by market_time desc, id desc limit $3`,
    [runId, before, remembered],
  )
  return { gate: gate ?? emptyGate, recent: newestFirst.toReversed() }
}
