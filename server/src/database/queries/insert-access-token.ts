import type { AccessToken } from '../../access/access-token.ts'
import type { Scope } from '../../access/scope.ts'
import type { Database } from '../pool.ts'
import { value } from './value.ts'

export interface NewAccessToken {
  readonly token_id: string
  readonly name: string
  readonly scope: Scope
  readonly token_sha256: string
  readonly expires_at: number | null
}

export async function insertAccessToken(db: Database, token: NewAccessToken): Promise<AccessToken> {
  return value(
    db,
    `insert into access_token as t (token_id, name, scope, token_sha256, expires_at) values ($1, $2, $3, $4, $5)
     returning access_token_json(t) as value`,
    [token.token_id, token.name, token.scope, token.token_sha256, token.expires_at],
  )
}
