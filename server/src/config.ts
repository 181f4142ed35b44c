import { existsSync } from 'node:fs'
import { loadEnvFile } from 'node:process'
import { describeIssues } from '@trader/core/contract/describe-issues'
import { z } from 'zod'
import { ExitError } from './exit-code.ts'
import { isModelPrice } from './llm/price-table.ts'
import { Secret } from './secret.ts'

const port = z.coerce.number().int().min(1).max(65_535)
const count = z.coerce.number().int().positive()
const secret = z.string().transform((text) => new Secret(text))

/** Every environment variable we read: its shape, default and description. A line here is all that a new one needs. */
const variables = {
  DATA_DIR: z.string().default('./data').describe('Where everything is kept: databases, logs, tokens.'),
  HOST: z.string().default('127.0.0.1').describe('Address that the MCP server listens on. Temporal and Postgres always stay on loopback.'),
  ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .toLowerCase()
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    )
    .pipe(z.array(z.string().regex(/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])$/, 'must be names such as trader.lan,192.168.1.5')))
    .describe(
      'Names, parted by commas, under which other machines or a proxy reach the MCP server (the Host they send). A call to one of them needs a token. Needed where HOST is 0.0.0.0 or ::.',
    ),
  TEMPORAL_PORT: port.default(7233).describe('Port of the Temporal server that we start.'),
  TEMPORAL_UI_PORT: port.default(8233).describe("Port of Temporal's web page."),
  POSTGRES_PORT: port.default(5433).describe('Port of the Postgres that we start.'),
  MCP_PORT: port.default(8080).describe('Port of the MCP server.'),
  OPS_PORT: port
    .default(8081)
    .describe('Port for the Ops API and the dashboard, which this version does not have yet: nothing listens there.'),
  TASK_QUEUE: z.string().default('trader').describe('Temporal task queue of the worker.'),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^\s/:@]+):\d{1,5}$/, 'must be host:port such as temporal.lan:7233')
    .optional()
    .describe(
      "A Temporal server of yours, host:port. Set, it is used and none is started. TLS and API key by Temporal's own TEMPORAL_* variables.",
    ),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace. It belongs to one stack.'),
  TEMPORAL_CLI_PATH: z.string().optional().describe('The `temporal` program to start the server with, where it is not on PATH.'),
  DATABASE_URL: secret
    .optional()
    .describe('A Postgres of yours, postgres://user:password@host:port/name. Set, it is used and none is started.'),
  TRADING_MODE: z.enum(['paper', 'live']).default('paper').describe('paper or live.'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('debug, info, warn or error.'),
  OPENAI_API_KEY: secret.optional().describe('Lets the agents use OpenAI models. Without it they use the offline model.'),
  OPENAI_BASE_URL: z.url().optional().describe('Another address that speaks the OpenAI API.'),
  OPENAI_MODEL: z.string().default('gpt-4o').describe('Model used when OPENAI_API_KEY is set.'),
  COINBASE_BASE_URL: z
    .url()
    .optional()
    .describe("Another address of Coinbase's REST API; only Coinbase's own hosts and loopback are accepted."),
  COINBASE_WS_URL: z.url().optional().describe("Another address of Coinbase's market data stream; likewise."),
  LLM_DAILY_BUDGET_USD: z.coerce
    .number()
    .min(0)
    .default(5)
    .describe('Model calls of one UTC day may cost this much; after that the agents hold.'),
  LLM_PRICE_USD_PER_MTOK: z
    .string()
    .default('15/60')
    .refine(isModelPrice, 'expected two prices, in/out, such as 0.15/0.60')
    .describe(
      'What the budget counts for a model whose price we do not know, in USD per million tokens, in/out. The default is careful: no listed model is dearer. For a model of your own machine say 0/0.',
    ),
  HISTORICAL_MINUTES: z.coerce.number().int().min(0).default(60).describe('Minutes of history that are loaded before the first tick.'),
  NUDGE_SECONDS: count.default(25).describe('Seconds between two decisions.'),
  SPREAD_BPS: z.coerce.number().min(0).max(1000).default(2).describe('Spread in basis points where the data has no quotes.'),
  STREAM_CONTINUE_EVERY: count.default(3600).describe('A market stream continues as new after this many cycles ...'),
  STREAM_HISTORY_LIMIT: count.default(9000).describe('... or history events, whichever is first.'),
  VECTOR_CONTINUE_EVERY: count.default(3600).describe('A feature workflow continues as new after this many cycles ...'),
  VECTOR_HISTORY_LIMIT: count.default(9000).describe('... or history events, whichever is first.'),
  VECTOR_WINDOW_SEC: count.default(300).describe('Seconds of ticks that a feature vector looks back.'),
  TICK_RETENTION_HOURS: count.default(168).describe('Ticks older than this are deleted.'),
} as const

const configSchema = z.object(variables)

/** Names of the variables whose value may never be shown: those that are read as a Secret. */
export const secretVariables: readonly string[] = Object.entries(variables)
  .filter(([, schema]) => schema.safeParse('any text').data instanceof Secret)
  .map(([name]) => name)

/** What the environment says, checked. Secrets are wrapped; undefined means not set and without a default. */
export type Config = Readonly<z.infer<typeof configSchema>>

/** Reads `.env` where it is present, then the environment. A bad variable ends the command and names every bad one. */
export function loadConfig({ env = process.env, envFile = '.env' }: { env?: NodeJS.ProcessEnv; envFile?: string } = {}): Config {
  if (env === process.env && existsSync(envFile)) loadEnvFile(envFile)
  const present = Object.fromEntries(Object.entries(env).filter(([name, value]) => name in variables && value !== ''))
  const parsed = configSchema.safeParse(present)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0])
    return `  ${describeIssues([{ ...issue, path: [name] }], { input: { ...present, ...(secretVariables.includes(name) && { [name]: '[secret]' }) }, nameOf: () => name })}`
  })
  throw new ExitError(
    'usage',
    `the environment has ${problems.length} bad variable${problems.length > 1 ? 's' : ''}:\n${problems.join('\n')}`,
  )
}

/** Whether the place of an error is wanted, asked where the other variables may be what is wrong. */
export function isDebugging(): boolean {
  return process.env['LOG_LEVEL'] === 'debug'
}

/** The text of `.env.example`: every variable with its description, commented out at its default. */
export function envExample(): string {
  const lines = Object.entries(variables).map(([name, schema]) => {
    const byDefault = schema.safeParse(undefined)
    const value = byDefault.success && byDefault.data !== undefined ? String(byDefault.data) : ''
    return `# ${schema.description}\n#${name}=${value}\n`
  })
  return `# Every variable the trader reads; all are optional. Copy to .env and change what you need.\n# Made by \`make env-example\` from server/src/config.ts.\n\n${lines.join('\n')}`
}
