import type { Database } from '../database/pool.ts'
import { insertAccessToken } from '../database/queries/insert-access-token.ts'
import type { Secret } from '../secret.ts'
import { drawToken, tokenHash, type AccessToken } from './access-token.ts'
import type { Scope } from './scope.ts'

/** Makes a token and stores its hash. The token itself is answered this once and never again. */
export async function createToken(
  database: Database,
  options: { name: string; scope: Scope; expiresAt: number | null },
): Promise<{ token: Secret; stored: AccessToken }> {
  const { tokenId, token } = drawToken()
  const stored = await insertAccessToken(database, {
    token_id: tokenId,
    name: options.name,
    scope: options.scope,
    token_sha256: tokenHash(token),
    expires_at: options.expiresAt,
  })
  return { token, stored }
}
