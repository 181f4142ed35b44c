import type { Wallet } from '@trader/core/contract/wallet'
import { IdempotencyConflict } from '../database-error.ts'
import type { Database } from '../pool.ts'
import { json, value } from './value.ts'

/** Sets the share of a wallet that orders may reserve, counted from what it has now, and writes down who and why. */
export async function setTradeableFraction(
  db: Database,
  request: { idempotency_key: string; wallet_id: number; fraction: number; who: string; reason: string; market_time: number },
): Promise<Wallet> {
  const answer = await value<{ ok: true; wallet: Wallet } | { ok: false; detail: string }>(
    db,
    'select set_tradeable_fraction($1) as value',
    [json(request)],
  )
  if (!answer.ok) throw new IdempotencyConflict(answer.detail)
  return answer.wallet
}

export interface WalletAudit {
  wallet_id: number
  old_fraction: string
  new_fraction: string
  who: string
  reason: string
  recorded_at: number
}

/** Every change of a wallet's fraction, newest first. */
export async function listWalletAudit(db: Database, walletId: number): Promise<WalletAudit[]> {
  const { rows } = await db.query<WalletAudit>(
    `select wallet_id, old_fraction, new_fraction, who, reason, recorded_at from wallet_audit where wallet_id = $1 order by audit_id desc`,
    [walletId],
  )
  return rows
}
