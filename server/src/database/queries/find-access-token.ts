import type { AccessToken } from '../../access/access-token.ts'
import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

/** The token with a hash, revoked and expired ones included; null where there is none. */
export async function findAccessToken(db: Database, tokenSha256: string): Promise<AccessToken | null> {
  return valueOrNull(db, 'select access_token_json(t) as value from access_token t where token_sha256 = $1', [tokenSha256])
}
