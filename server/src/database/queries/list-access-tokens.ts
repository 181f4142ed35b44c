import type { AccessToken } from '../../access/access-token.ts'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** All tokens, newest first. */
export async function listAccessTokens(db: Database): Promise<AccessToken[]> {
  return values(db, 'select access_token_json(t) as value from access_token t order by created_at desc, token_id')
}
