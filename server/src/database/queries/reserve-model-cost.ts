import type { ModelCall } from '@trader/core/contract/model-call'
import type { Database } from '../pool.ts'

export interface ModelCostReservation {
  readonly callId: string
  /** Which try of the call: each may cost. */
  readonly attempt: number
  readonly agent: ModelCall['agent']
  readonly mostUsd: string
  readonly budgetUsd: string
  /** Wall time from which on calls count, ms since 1970. */
  readonly since: number
}

/** Notes what a call may cost at most, where it still fits into the budget; `spentUsd` is what was spent before it. */
export async function reserveModelCost(
  db: Database,
  { callId, attempt, agent, mostUsd, budgetUsd, since }: ModelCostReservation,
): Promise<{ isReserved: boolean; spentUsd: string }> {
  const { rows } = await db.query<{ is_reserved: boolean; spent_usd: string }>('select * from reserve_model_cost($1, $2, $3, $4, $5, $6)', [
    callId,
    attempt,
    agent,
    mostUsd,
    budgetUsd,
    since,
  ])
  const [row] = rows
  if (row === undefined) throw new Error(`reserve_model_cost had no answer for call ${callId}`)
  return { isReserved: row.is_reserved, spentUsd: row.spent_usd }
}

/** The call is on record with what it did cost: its reservation counts no more. */
export async function settleModelCost(db: Database, { callId, attempt }: { callId: string; attempt: number }): Promise<void> {
  await db.query('update model_call_reservation set is_settled = true where call_id = $1 and attempt = $2', [callId, attempt])
}
