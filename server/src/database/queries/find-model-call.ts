import type { ModelCall } from '@trader/core/contract/model-call'
import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

export async function findModelCall(db: Database, callId: string): Promise<ModelCall | null> {
  return valueOrNull(db, 'select model_call_json(c) as value from model_call c where call_id = $1', [callId])
}
