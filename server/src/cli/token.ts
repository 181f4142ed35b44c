import type { Command } from 'commander'
import type { AccessToken } from '../access/access-token.ts'
import type { Scope } from '../access/scope.ts'
import { ExitError } from '../exit-code.ts'
import { answersJson, commandConfig, type JsonFlags } from './command-config.ts'
import { idText, lifetime, scopeName, shortText, type Lifetime } from './option-values.ts'
import { hint, print, printJson, say, table } from './output.ts'
import { describeTime } from './describe-time.ts'
import { withDatabase } from './with-database.ts'

/** `trader token create|list|revoke`: who else may call the MCP server and the API. */
export function registerToken(program: Command): void {
  const token = program.command('token').description('make, list and revoke access tokens')

  const create = token
    .command('create')
    .description('make a token; it is shown this once and only its hash is kept')
    .requiredOption('--scope <scope>', 'read, trade or admin', scopeName)
    .option('--expires <time>', 'such as 12h or 30d, or never', lifetime, 'never')
    .option('--name <name>', 'whom it is for', shortText('--name', 64), 'unnamed')
  answersJson(create).action(async (flags: JsonFlags & { scope: Scope; expires: Lifetime; name: string }) => {
    const { createToken } = await import('../access/create-token.ts')
    const options = { name: flags.name, scope: flags.scope, expiresAt: expiry(flags.expires) }
    const { token, stored } = await withDatabase(commandConfig(flags), (pool) => createToken(pool, options))
    if (flags.json === true) return printJson({ token: token.reveal(), ...stored })
    say(
      `token ${stored.token_id} of scope ${stored.scope}, ${describeEnd(stored)}; \`trader token revoke ${stored.token_id}\` takes it back. It is shown this once:`,
    )
    print(token.reveal())
  })

  const list = token.command('list').description('every token, never the token itself')
  answersJson(list).action(async (flags: JsonFlags) => {
    const { listAccessTokens } = await import('../database/queries/list-access-tokens.ts')
    const tokens = await withDatabase(commandConfig(flags), listAccessTokens)
    if (flags.json === true) return printJson(tokens)
    if (tokens.length === 0) return print(hint("no tokens but the owner's; `trader token create --scope read` makes one"))
    const time = (at: number | null): string => (at === null ? '-' : describeTime(at))
    const rows = tokens.map((each) => [
      each.token_id,
      each.name,
      each.scope,
      time(each.created_at),
      time(each.expires_at),
      time(each.revoked_at),
    ])
    print(table([['id', 'name', 'scope', 'made', 'expires', 'revoked'], ...rows]))
  })

  const revoke = token
    .command('revoke')
    .description('make a token worthless, at once and for ever')
    .argument('<id>', 'its id in `trader token list`', idText('the id', 'one of `trader token list`'))
  answersJson(revoke).action(async (id: string, flags: JsonFlags) => {
    const { revokeAccessToken } = await import('../database/queries/revoke-access-token.ts')
    const revoked = await withDatabase(commandConfig(flags), (pool) => revokeAccessToken(pool, id))
    if (revoked === null) throw new ExitError('failed', `there is no token ${id}; \`trader token list\` shows the ids`)
    if (flags.json === true) printJson(revoked)
    else print(`token ${id} (${revoked.name}, ${revoked.scope}) is worthless from now on`)
  })
}

/** When a token that is made now ends, in ms of wall time; null where it does not. */
export function expiry(lifetime: Lifetime): number | null {
  return lifetime === 'never' ? null : Date.now() + lifetime
}

export function describeEnd({ expires_at }: Pick<AccessToken, 'expires_at'>): string {
  return expires_at === null ? 'good until it is revoked' : `good until ${describeTime(expires_at)}`
}
