import { Option, type Command } from 'commander'
import type { Scope } from '../access/scope.ts'
import type { Config } from '../config.ts'
import { ExitError } from '../exit-code.ts'
import type { Addresses } from '../stack/addresses.ts'
import { aboutAStack, commandConfig } from './command-config.ts'
import { lifetime, scopeName, type Lifetime } from './option-values.ts'
import { print, say } from './output.ts'
import { describeEnd, expiry } from './token.ts'
import { mcpUrl } from './tool-client.ts'
import { withDatabase } from './with-database.ts'

/** The two ways to serve the tools. */
export interface RunMcp {
  readonly runMcpServer: (options: { config: Config; addresses: Addresses }) => Promise<void>
  readonly runMcpStdio: (options: { config: Config; addresses: Addresses; scope: Scope }) => Promise<void>
}

const clients = ['claude', 'cursor', 'vscode'] as const
type McpClientName = (typeof clients)[number]

/** A token in a file of another program is forgotten there; it should not work for ever. */
const defaultLifetimeMs = 90 * 86_400_000

interface Flags {
  readonly dataDir?: string
  readonly stdio?: boolean
  readonly scope: Scope
  readonly printConfig?: McpClientName
  readonly expires?: Lifetime
}

/** `trader mcp`: the tools as a process of its own, over stdio, or the settings with which another agent finds them. */
export function registerMcp(program: Command, load: () => Promise<RunMcp>): void {
  const mcp = program
    .command('mcp')
    .description('serve the tools over HTTP as a process of its own (TEMPORAL_ADDRESS and DATABASE_URL say where the servers are)')
    .option('--stdio', 'over stdin and stdout, for the program that starts it')
    .option('--scope <scope>', 'what --stdio or the token of --print-config allows: read, trade or admin', scopeName, 'read')
    .addOption(new Option('--print-config <client>', 'make a token and print the settings for another agent').choices([...clients]))
    .option('--expires <time>', 'how long the token of --print-config lives, such as 12h or 30d, or never (default: 90d)', lifetime)
  aboutAStack(mcp).action(async (flags: Flags) => {
    const config = commandConfig(flags)
    if (flags.printConfig !== undefined) {
      if (flags.stdio === true) throw new ExitError('usage', 'give --stdio or --print-config, not both')
      return printConfig(config, { client: flags.printConfig, scope: flags.scope, expires: flags.expires })
    }
    if (flags.expires !== undefined) throw new ExitError('usage', '--expires is for the token of --print-config')
    const [{ findAddresses }, { runMcpServer, runMcpStdio }] = await Promise.all([import('../stack/addresses.ts'), load()])
    const addresses = findAddresses(config)
    await (flags.stdio === true ? runMcpStdio({ config, addresses, scope: flags.scope }) : runMcpServer({ config, addresses }))
  })
}

async function printConfig(
  config: Config,
  { client, scope, expires = defaultLifetimeMs }: { client: McpClientName; scope: Scope; expires?: Lifetime | undefined },
): Promise<void> {
  const { createToken } = await import('../access/create-token.ts')
  const { token, stored } = await withDatabase(config, (pool) => createToken(pool, { name: client, scope, expiresAt: expiry(expires) }))
  say(`made token ${stored.token_id} of scope ${scope}, ${describeEnd(stored)}; \`trader token revoke ${stored.token_id}\` takes it back`)
  const [name] = config.ALLOWED_HOSTS
  if (name !== undefined) say(`on another machine its address is ${mcpUrl({ ...config, HOST: name })}`)
  say(`put this into ${places[client]}:`)
  print(JSON.stringify(clientConfig({ client, url: mcpUrl(config), token: token.reveal() }), null, 2))
}

const places: Readonly<Record<McpClientName, string>> = {
  claude: '.mcp.json of your project (Claude Code)',
  cursor: '.cursor/mcp.json',
  vscode: '.vscode/mcp.json',
}

/** Each client's own form of the same three facts. */
export function clientConfig({ client, url, token }: { client: McpClientName; url: string; token: string }): Record<string, unknown> {
  const headers = { Authorization: `Bearer ${token}` }
  const forms = {
    claude: { mcpServers: { trader: { type: 'http', url, headers } } },
    cursor: { mcpServers: { trader: { url, headers } } },
    vscode: { servers: { trader: { type: 'http', url, headers } } },
  }
  return forms[client]
}
