import type { Decision } from '@trader/core/contract/decision'
import type { Fill } from '@trader/core/contract/fill'
import type { ModelCall } from '@trader/core/contract/model-call'
import type { Order } from '@trader/core/contract/order'
import type { Database } from '../database/pool.ts'
import { listFills } from '../database/queries/list-fills.ts'
import { listModelCalls } from '../database/queries/list-model-calls.ts'
import { listOrders } from '../database/queries/list-orders.ts'

/** More than one decision can cause. */
const everything = 1000

/** What came of a decision, oldest first. All of it carries the decision's id as its correlation id, protective orders too. */
export interface DecisionStory {
  readonly model_calls: ModelCall[]
  readonly orders: Order[]
  readonly fills: Fill[]
}

export async function readDecisionStory(database: Database, { id: correlationId }: Pick<Decision, 'id'>): Promise<DecisionStory> {
  const [model_calls, orders, fills] = await Promise.all([
    listModelCalls(database, { correlationId, limit: everything }),
    listOrders(database, { correlationId, limit: everything }),
    listFills(database, { correlationId, limit: everything }),
  ])
  return { model_calls: model_calls.toReversed(), orders: orders.toReversed(), fills: fills.toReversed() }
}
