import type { Client } from 'pg'
import { describeError, ExitError } from '../exit-code.ts'
import type { Secret } from '../secret.ts'

const mark = 'durable-crypto-agents stack '

/**
 * Marks the database as this stack's, in its comment, and answers the server's version. Ends the command when it cannot be
 * reached, or when another stack has it: two stacks in one database would share accounts and runs.
 */
export function claimDatabase({ databaseUrl, stackId }: { databaseUrl: Secret; stackId: string }): Promise<string> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ version: string; name: string; comment: string | null }>(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version, quote_ident(datname) AS name,
              shobj_description(oid, 'pg_database') AS comment
         FROM pg_database WHERE datname = current_database()`,
    )
    const { version, name, comment } = rows[0] ?? { version: 'unknown', name: '', comment: null }
    const owner = comment?.startsWith(mark) ? comment.slice(mark.length) : undefined
    if (owner !== undefined && owner !== stackId) {
      throw new ExitError(
        'failed',
        `the database at ${databasePlace(databaseUrl)} belongs to stack ${owner}, and this data directory's stack is ${stackId}: use that stack's data directory, or another database`,
      )
    }
    // COMMENT takes no parameters; the id is 16 hexadecimal digits of our own making.
    if (owner === undefined) await client.query(`COMMENT ON DATABASE ${name} IS '${mark}${stackId}'`)
    return version
  })
}

/** The server's version, which also shows that it can be reached. */
export function databaseVersion(databaseUrl: Secret): Promise<string> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    return rows[0]?.server_version.split(' ')[0] ?? 'unknown'
  })
}

async function withClient<Result>(databaseUrl: Secret, work: (client: Client) => Promise<Result>): Promise<Result> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: databaseUrl.reveal(), connectionTimeoutMillis: 5000 })
  client.on('error', () => {}) // a connection lost here shows in the query that follows
  try {
    await client.connect()
  } catch (error) {
    throw new ExitError('dependencyDown', `cannot reach the database at ${databasePlace(databaseUrl)}: ${describeError(error)}`)
  }
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** `host:port/name` of a database address, without user and password. */
export function databasePlace(databaseUrl: Secret): string {
  const text = databaseUrl.reveal()
  if (!URL.canParse(text)) return 'DATABASE_URL, which is not a URL such as postgres://user:password@host:5432/name'
  const { host, pathname } = new URL(text)
  return `${host}${pathname}`
}
