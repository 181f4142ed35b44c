import type { Command } from 'commander'
import { lifetimeMs } from '../access/access-token.ts'
import { scope, type Scope } from '../access/scope.ts'
import { ExitError } from '../exit-code.ts'
import { aboutAStack, commandConfig } from './command-config.ts'
import { print, printJson, say, table } from './output.ts'
import { describeTime } from './describe-time.ts'
import { withDatabase } from './with-database.ts'

interface Flags {
  readonly dataDir?: string
  readonly json?: boolean
}

/** `trader token create|list|revoke`: who else may call the MCP server and the API. */
export function registerToken(program: Command): void {
  const token = program.command('token').description('make, list and revoke access tokens')

  const create = token
    .command('create')
    .description('make a token; it is shown this once and only its hash is kept')
    .requiredOption('--scope <scope>', 'read, trade or admin', parseScope)
    .option('--expires <time>', 'such as 12h or 30d; default: never')
    .option('--name <name>', 'whom it is for', 'unnamed')
    .option('--json', 'one JSON document')
  aboutAStack(create).action(async (flags: Flags & { scope: Scope; expires?: string; name: string }) => {
    const { createToken } = await import('../access/create-token.ts')
    const options = { name: flags.name, scope: flags.scope, expiresAt: expiry(flags.expires) }
    const { token, stored } = await withDatabase(commandConfig(flags), (pool) => createToken(pool, options))
    if (flags.json === true) return printJson({ token: token.reveal(), ...stored })
    say(
      `token ${stored.token_id} of scope ${stored.scope}, ${stored.expires_at === null ? 'until it is revoked' : `until ${describeTime(stored.expires_at)}`}; it is shown this once:`,
    )
    print(token.reveal())
  })

  const list = token.command('list').description('every token, never the token itself').option('--json', 'one JSON document')
  aboutAStack(list).action(async (flags: Flags) => {
    const { listAccessTokens } = await import('../database/queries/list-access-tokens.ts')
    const tokens = await withDatabase(commandConfig(flags), listAccessTokens)
    if (flags.json === true) return printJson(tokens)
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
    .command('revoke <id>')
    .description('make a token worthless, at once and for ever')
    .option('--json', 'one JSON document')
  aboutAStack(revoke).action(async (id: string, flags: Flags) => {
    const { revokeAccessToken } = await import('../database/queries/revoke-access-token.ts')
    const revoked = await withDatabase(commandConfig(flags), (pool) => revokeAccessToken(pool, id))
    if (revoked === null) throw new ExitError('failed', `there is no token ${id}; \`trader token list\` shows the ids`)
    if (flags.json === true) printJson(revoked)
    else print(`token ${id} is revoked`)
  })
}

export function parseScope(text: string): Scope {
  const parsed = scope.safeParse(text)
  if (!parsed.success) throw new ExitError('usage', `the scope must be read, trade or admin, was ${text}`)
  return parsed.data
}

function expiry(text: string | undefined): number | null {
  if (text === undefined) return null
  const lifetime = lifetimeMs(text)
  if (lifetime === undefined) throw new ExitError('usage', `--expires must be a time such as 90m, 12h or 30d, was ${text}`)
  return Date.now() + lifetime
}
