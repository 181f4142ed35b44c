import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@temporalio/client'
import proto from '@temporalio/proto'
import pg from 'pg'
import { loadConfig, secretVariables } from '@trader/server/config'
import { tools } from '@trader/server/mcp/tools/index'
import { findAddresses, type Addresses } from '@trader/server/stack/addresses'
import { dataDirPaths } from '@trader/server/stack/data-dir'
import { waitUntil } from '@trader/server/stack/wait'
import { connectTemporal } from '@trader/server/temporal-connection'
import { connect } from '../mcp/mcp-server.ts'
import { freePortBase } from '../support/free-ports.ts'
import { startOpenAiServer, type OpenAiMode, type OpenAiServer } from '../support/openai-server.ts'
import { createDatabase, startPostgres } from '../support/postgres.ts'
import { componentOf, processesOf, statusOf, temporaryDataDir, trader, TraderProcess } from '../support/stack-process.ts'
import { buy, replyOf } from '../support/trading.ts'
import { needlesOf, searchFiles, searchText, type Canary, type Hit } from './canary-search.ts'

// Promise P16. Every secret has a value that can be found again. A stack trades with them, asks a model that repeats its key, and is
// killed; then they are looked for in all that it wrote and said.

type Server = 'worker' | 'mcp' | 'temporal' | 'postgres'

export interface CanaryOptions {
  /** The user's own Postgres, by DATABASE_URL: then its password is a canary; else that of the embedded one. */
  readonly ownPostgres: boolean
  readonly kills: readonly Server[]
  readonly rounds: number
  /** Every command, rather than those that show the most. */
  readonly isThorough: boolean
}

export interface CanaryOutcome {
  readonly hits: readonly Hit[]
  /** Names of what was looked for, and how much was looked through. */
  readonly canaries: readonly string[]
  readonly searched: Readonly<Record<string, number>>
}

/** What is looked for is not how fast a busy machine is. */
const patienceMs = 180_000

/** Printable, and with what other notations write otherwise. */
const secretValue = (name: string): string => `canary-${name}/+="é ${randomBytes(12).toString('hex')}`
const plainValue = (): string => `canary${randomBytes(12).toString('hex')}`

export async function runWithCanaries({ ownPostgres, kills, rounds, isThorough }: CanaryOptions): Promise<CanaryOutcome> {
  const dataDir = temporaryDataDir()
  const paths = dataDirPaths(dataDir)
  // A header can hold no umlaut.
  const apiKey = secretValue('key').replace('é ', '-')
  const model = await startOpenAiServer({ mode: { type: 'status', status: 500 } })
  const own = ownPostgres ? await ownDatabase() : null
  const environment: Record<string, string> = {
    OPENAI_API_KEY: apiKey,
    OPENAI_BASE_URL: model.baseUrl,
    LOG_LEVEL: 'debug',
    NUDGE_SECONDS: '300',
    LLM_DAILY_BUDGET_USD: '1000',
    ...(own !== null && { DATABASE_URL: own.url }),
  }
  const unset = secretVariables.filter((name) => !(name in environment) && name !== 'DATABASE_URL')
  if (unset.length > 0) throw new Error(`no canary was thought of for ${unset.join(', ')}`)

  const flags = ['--data-dir', dataDir, '--port-base', String(await freePortBase())]
  const stack = new TraderProcess(['start', '--no-chat', '--json', '--speed', '600', '--seed', '4', ...flags], environment)
  try {
    await stack.until('Ready in', patienceMs)
    const canaries: Canary[] = [
      { name: 'OPENAI_API_KEY', value: apiKey },
      ...(own === null
        ? [{ name: 'postgres-password', value: readFileSync(paths.postgresPassword, 'utf8').trim() }]
        : [{ name: 'DATABASE_URL', value: own.password }]),
      { name: 'owner-token', value: readFileSync(paths.ownerTokenFile, 'utf8').trim() },
      ...pemLines(readFileSync(paths.sealKey, 'utf8')).map((value) => ({ name: 'seal-key', value })),
    ]
    const needles = needlesOf(canaries)
    const addresses = findAddresses(loadConfig({ env: { ...environment, DATA_DIR: dataDir } }))
    const said: Record<string, string> = {}
    await disturb({ stack, dataDir, model, kills, rounds })
    said['processes'] = processesOf(dataDir).join('\n')
    said['environments'] = await environmentsWithoutNeed(dataDir)
    Object.assign(
      said,
      await commandOutputs(dataDir, { environment, isThorough }),
      await mcpAnswers(dataDir),
      await histories(addresses),
      await rows(addresses),
    )
    const ended = await stack.end('SIGINT')
    said['start'] = ended.stdout + ended.stderr
    Object.assign(said, await badStarts({ environment, isThorough }))

    const texts = Object.entries(said)
    const inTexts = texts.flatMap(([where, text]) => searchText(needles, { where, text }))
    const ownFiles = [paths.ownerTokenFile, paths.postgresPassword, paths.sealKey]
    const inDataDir = await searchFiles(needles, { directory: dataDir, except: ownFiles })
    const inPostgres = own === null ? { hits: [], files: 0, bytes: 0 } : await searchFiles(needles, { directory: own.directory })
    return {
      hits: [...inTexts, ...inDataDir.hits, ...inPostgres.hits],
      canaries: canaries.map(({ name }) => name),
      searched: {
        files: inDataDir.files + inPostgres.files,
        file_megabytes: Math.round((inDataDir.bytes + inPostgres.bytes) / 2 ** 20),
        texts: texts.length,
        text_kilobytes: Math.round(texts.reduce((sum, [, text]) => sum + text.length, 0) / 1024),
        model_requests: model.requests.length,
      },
    }
  } finally {
    if (stack.child.exitCode === null && stack.child.signalCode === null) await stack.end('SIGTERM')
    await model.close()
    await own?.stop()
  }
}

async function ownDatabase(): Promise<{ url: string; password: string; directory: string; stop: () => Promise<void> }> {
  const postgres = await startPostgres()
  const { url, pool } = await createDatabase(postgres.adminUrl)
  await pool.end()
  const password = plainValue()
  // The server trusts whoever comes from this machine; what it is told, it is told all the same.
  return { url: url.replace('trader@', `trader:${password}@`), password, directory: postgres.directory, stop: () => postgres.stop() }
}

/** The lines of a key that are its own. */
function pemLines(pem: string): string[] {
  return pem.split('\n').filter((line) => line.length >= 20 && !line.startsWith('-----'))
}

/** Decisions with a model that fails, that quotes the key, and that answers well, with a kill between them. */
async function disturb(options: {
  stack: TraderProcess
  dataDir: string
  model: OpenAiServer
  kills: readonly Server[]
  rounds: number
}): Promise<void> {
  const { stack, dataDir, model, kills, rounds } = options
  const answers: OpenAiMode[] = [
    { type: 'echo-key', status: 401 },
    { type: 'echo-key', status: 200 },
    { type: 'reply', text: replyOf(buy({ reasoning: 'up' })) },
    { type: 'body', body: '<html>' },
  ]
  for (let round = 0; round < rounds; round += 1) {
    for (const answer of answers) {
      const before = model.requests.length
      model.setMode(answer)
      const isAsked = (): boolean => model.requests.length > before || stack.child.exitCode !== null
      if (!(await waitUntil(isAsked, { timeoutMs: patienceMs })) || stack.child.exitCode !== null)
        throw new Error(`the model was not asked; the stack said:\n${stack.said()}`)
      await sleep(200)
    }
    const name = kills[round]
    if (name !== undefined) await kill({ stack, dataDir, name })
  }
}

async function kill({ stack, dataDir, name }: { stack: TraderProcess; dataDir: string; name: Server }): Promise<void> {
  const { pid, restarts } = await componentOf(dataDir, name)
  if (pid === null) throw new Error(`${name} has no process`)
  process.kill(pid, 'SIGKILL')
  const isBack = async (): Promise<boolean> => {
    const component = await componentOf(dataDir, name)
    return component.restarts > restarts && component.state === 'running'
  }
  if (!(await waitUntil(isBack, { timeoutMs: patienceMs }))) throw new Error(`${name} did not come back; the stack said:\n${stack.said()}`)
}

/** The worker alone asks models: in the environment of any other process the key has no business. */
async function environmentsWithoutNeed(dataDir: string): Promise<string> {
  const { components } = await statusOf(dataDir)
  const others = components.filter(({ name, pid }) => pid !== null && name !== 'worker')
  return others.map(({ pid }) => readFileSync(`/proc/${pid}/environ`, 'utf8').replace(/DATABASE_URL=[^\0]*/, '')).join('\n')
}

/** Those that show the most, and the others that only read. */
const commands = {
  telling: [['logs', '-n', '1000'], ['decision', 'list', '--json', '--limit', '50'], ['status'], ['tool', 'call', 'no_such_tool', '{}']],
  others: [
    ['status', '--json'],
    ['doctor'],
    ['order', 'list', '--json'],
    ['wallet', 'list', '--json'],
    ['ledger', 'check', '--json'],
    ['ledger', 'export', '--json'],
    ['prompt', 'history', '--json'],
    ['token', 'list', '--json'],
    ['tool', 'list', '--json'],
    ['tool', 'call', 'get_portfolio_status', '{}', '--json'],
    ['audit', 'verify', '--json'],
  ],
} as const

/** What the commands say, with the same environment. */
async function commandOutputs(dataDir: string, { environment, isThorough }: Surroundings): Promise<Record<string, string>> {
  const said: Record<string, string> = {}
  const run = async (args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await trader([...args, '--data-dir', dataDir], environment)
    said[`trader ${args.join(' ')}`] = stdout + stderr
    return stdout
  }
  for (const args of [...commands.telling, ...(isThorough ? commands.others : [])]) await run(args)
  const decisions = JSON.parse(said['trader decision list --json --limit 50'] ?? '[]') as { id: string }[] // its contract
  for (const { id } of decisions.slice(0, isThorough ? 8 : 2)) await run(['decision', 'show', id])
  return said
}

interface Surroundings {
  readonly environment: Readonly<Record<string, string>>
  readonly isThorough: boolean
}

/** Every reading tool, resource and prompt, and what a call says that fails. */
async function mcpAnswers(dataDir: string): Promise<Record<string, string>> {
  const { components } = await statusOf(dataDir)
  const port = components.find(({ name }) => name === 'mcp')?.port
  const client = await connect({ url: `http://127.0.0.1:${port}` })
  const said: Record<string, string> = {
    'mcp lists': JSON.stringify([await client.listTools(), await client.listResources(), await client.listPrompts()]),
  }
  for (const { name } of tools.filter(({ scope }) => scope === 'read'))
    said[`mcp ${name}`] = JSON.stringify(await client.callTool({ name, arguments: {} }))
  for (const uri of [
    'trader://portfolio',
    'trader://positions',
    'trader://risk/limits',
    'trader://prompts/execution/1',
    'trader://docs/operating',
    'trader://runs/none',
  ]) {
    said[`mcp ${uri}`] = JSON.stringify(await client.readResource({ uri }).catch((error: unknown) => String(error)))
  }
  const { decisions } = (await client.callTool({ name: 'list_decisions', arguments: { limit: 5 } })).structuredContent as {
    decisions: { id: string }[]
  }
  for (const { id } of decisions)
    said[`mcp trader://traces/${id}`] = JSON.stringify(await client.readResource({ uri: `trader://traces/${id}` }))
  said['mcp morning_briefing'] = JSON.stringify(await client.getPrompt({ name: 'morning_briefing' }))
  await client.close()
  return said
}

/** The histories of all workflows. */
async function histories({ temporal }: Addresses): Promise<Record<string, string>> {
  const connection = await connectTemporal(temporal)
  const client = new Client({ connection, namespace: temporal.namespace })
  const said: Record<string, string> = {}
  for await (const { workflowId, runId } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    // As bytes: payloads stand in them as they are.
    said[`history ${workflowId} ${runId}`] = Buffer.from(proto.temporal.api.history.v1.History.encode(history).finish()).toString('latin1')
  }
  await connection.close()
  return said
}

/** Every row of every table as text: what files hold compressed is seen here. */
async function rows({ databaseUrl }: Addresses): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: databaseUrl.reveal() })
  await client.connect()
  const tables = await client.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
  )
  const said: Record<string, string> = {}
  for (const { name } of tables.rows) {
    const { rows: found } = await client.query<{ row: string }>(`select t::text as row from ${name} t`)
    said[`table ${name}`] = found.map(({ row }) => row).join('\n')
  }
  await client.end()
  return said
}

/** Starts that fail: an error must name what was wrong without the secret in it. */
async function badStarts({ environment, isThorough }: Surroundings): Promise<Record<string, string>> {
  const password = /canary[0-9a-f]{24}/.exec(environment['DATABASE_URL'] ?? '')?.[0] ?? ''
  const variants: Record<string, Record<string, string>> = {
    'a database that is not there': { DATABASE_URL: `postgres://trader:${password}@127.0.0.1:1/none` },
    'a database URL that is none': { DATABASE_URL: `postgres//trader:${password}@nowhere` },
    'a bad variable beside the secrets': { MCP_PORT: 'x' },
  }
  const said: Record<string, string> = {}
  for (const [name, change] of Object.entries(variants).slice(0, isThorough ? undefined : 1)) {
    const flags = ['--data-dir', join(temporaryDataDir(), 'new'), '--port-base', String(await freePortBase())]
    const { stdout, stderr } = await trader(['start', '--no-chat', '--run-for', '1s', ...flags], { ...environment, ...change })
    said[`start with ${name}`] = stdout + stderr
  }
  return said
}
