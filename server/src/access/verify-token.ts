import { timingSafeEqual } from 'node:crypto'
import type { Database } from '../database/pool.ts'
import { findAccessToken } from '../database/queries/find-access-token.ts'
import type { Secret } from '../secret.ts'
import { tokenHash } from './access-token.ts'
import type { Principal } from './scope.ts'

/** Who a token stands for; null where it is unknown, expired or revoked. The owner's token is good even while Postgres is away. */
export async function verifyToken(options: {
  readonly database: Database
  readonly ownerToken: Secret
  readonly token: Secret
  /** Wall time, ms. */
  readonly now: number
}): Promise<Principal | null> {
  const hash = tokenHash(options.token)
  if (timingSafeEqual(Buffer.from(hash), Buffer.from(tokenHash(options.ownerToken)))) return { name: 'owner', scope: 'admin' }
  const found = await findAccessToken(options.database, hash)
  if (found === null || found.revoked_at !== null) return null
  if (found.expires_at !== null && found.expires_at <= options.now) return null
  return { name: `token:${found.token_id}`, scope: found.scope }
}
