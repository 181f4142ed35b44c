import type { AccessToken } from '../../access/access-token.ts'
import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

/** Revokes a token for ever; again it changes nothing. Null where there is no such token. */
export async function revokeAccessToken(db: Database, tokenId: string): Promise<AccessToken | null> {
  return valueOrNull(
    db,
    `update access_token as t set revoked_at = coalesce(revoked_at, now_ms()) where token_id = $1 returning access_token_json(t) as value`,
    [tokenId],
  )
}
