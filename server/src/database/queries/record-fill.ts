import type { Balances, FillPosting, PostFillResult } from '@trader/core/contract/ledger-messages'
import { IdempotencyConflict } from '../database-error.ts'
import type { Database } from '../pool.ts'
import { json, value } from './value.ts'

type Answer =
  | { ok: true; exists: boolean; balances: Balances }
  | { ok: false; reason: 'VERSION_MISMATCH'; detail: string; stored_version: number }
  | { ok: false; reason: 'IDEMPOTENCY_CONFLICT'; detail: string }

/** Books one venue fill: postings, hold, position, order, scrape and events, once per fill id. */
export async function recordFill(db: Database, posting: FillPosting): Promise<PostFillResult> {
  const answer = await value<Answer>(db, 'select record_fill($1) as value', [json(posting)])
  if (answer.ok) return answer.exists ? { status: 'exists' } : { status: 'posted', balances: answer.balances }
  if (answer.reason === 'VERSION_MISMATCH') return { status: 'version_mismatch', stored_version: answer.stored_version }
  throw new IdempotencyConflict(`fill ${posting.fill.fill_id}: ${answer.detail}`)
}
