import type { Client } from '@temporalio/client'
import type { Command } from 'commander'
import { flattenResult } from '@trader/core/contract/flatten'
import type { TradingFlag } from '@trader/core/contract/trading-flag'
import type { Run } from '@trader/core/contract/run'
import { z } from 'zod'
import type { Config } from '../config.ts'
import type { Pool } from '../database/pool.ts'
import { describeError, exitCodes, ExitError } from '../exit-code.ts'
import type { CancelledOrders } from '../trading/cancel-order.ts'
import type { UnguardedPosition } from '../trading/unguarded-positions.ts'
import { answersJson, commandConfig, type JsonFlags } from './command-config.ts'
import { describeFlag, describeFlattened, isLeft, type FlagAnswer } from './describe-trading.ts'
import { hint, print, printJson, say } from './output.ts'
import { requireTool } from './tool-client.ts'
import { withDatabase } from './with-database.ts'
import { withTemporal } from './with-temporal.ts'

interface Flags extends JsonFlags {
  readonly reason?: string
}

const longestReason = 500
const flattened = z.looseObject(flattenResult.shape)
const reasonHelp = 'why, for the record; may also stand after the command'

const commands: readonly { name: string; state: TradingFlag; says: string }[] = [
  { name: 'pause', state: 'paused', says: 'no new entries; stops and exits go on' },
  { name: 'resume', state: 'active', says: 'lift a pause or a halt' },
  { name: 'halt', state: 'halted', says: 'refuse every order, cancel the open ones, sell nothing' },
]

/** `trader pause|resume|halt`, which need only one of Postgres and Temporal, and `flatten`, which needs the stack. */
export function registerTrading(program: Command): void {
  for (const { name, state, says } of commands) {
    const command = program.command(`${name} [reason]`).description(says).option('--reason <text>', reasonHelp)
    answersJson(command).action((reason: string | undefined, flags: Flags) =>
      changeFlag(state, { ...flags, reason: reasonOf(reason, flags) }),
    )
  }
  const flatten = program
    .command('flatten [reason]')
    .description('pause, cancel open orders and sell everything at market')
    .option('--reason <text>', reasonHelp)
  answersJson(flatten).action(async (reason: string | undefined, flags: Flags) => {
    const result = await requireTool(commandConfig(flags), { name: 'flatten_positions', args: { reason: reasonOf(reason, flags) } }).catch(
      withOtherWays,
    )
    const { cancelled_orders, positions } = flattened.parse(result)
    if (flags.json === true) printJson(result)
    else print(hint(describeFlattened({ cancelled_orders, positions })))
    if (positions.some(isLeft)) process.exitCode = exitCodes.failed
  })
}

/** Somebody who wants out and hears that a part is down must know what still works. */
function withOtherWays(error: unknown): never {
  if (!(error instanceof ExitError) || error.exitCode !== exitCodes.dependencyDown) throw error
  throw new ExitError(
    'dependencyDown',
    `${error.message}; \`trader halt\` refuses every order meanwhile, and needs only Postgres or only Temporal`,
    { cause: error },
  )
}

/** The word after the command, or --reason; stopping must not fail for want of a good reason, so a bad one is mended. */
function reasonOf(argument: string | undefined, { reason }: Flags): string {
  const given = (argument ?? reason ?? '').toWellFormed().trim().slice(0, longestReason)
  return given === '' ? 'asked for on the command line' : given
}

async function changeFlag(state: TradingFlag, { reason, json, ...flags }: Flags & { reason: string }): Promise<void> {
  const config = commandConfig(flags)
  const result = await withEither(config, (services) => apply(services, { config, state, reason }))
  if (json === true) printJson(result)
  else print(hint(describeFlag(result, state)))
  if (result.failed_orders.length > 0) process.exitCode = exitCodes.failed
}

type Services = Parameters<typeof apply>[0]

/** Gives `work` what of Temporal and Postgres can be reached, at least one. */
async function withEither<Result>(config: Config, work: (services: Services) => Promise<Result>): Promise<Result> {
  return withTemporal(config, (temporal) =>
    optionally(
      (withPool) => withDatabase(config, withPool, { patienceMs: 1000 }),
      (pool, problem) => {
        if (pool === null && temporal.client === null)
          throw new ExitError('dependencyDown', `neither server can be reached. ${temporal.problem}. ${problem}`)
        if (pool === null) say(problem)
        return work({ temporal: temporal.client, database: pool })
      },
    ),
  )
}

/** Runs `work` with what `open` gives, or with null and why where it is down. */
async function optionally<Result>(
  open: (work: (pool: Pool) => Promise<Result>) => Promise<Result>,
  work: (pool: Pool | null, problem: string) => Promise<Result>,
): Promise<Result> {
  let isOpen = false
  try {
    return await open((pool) => {
      isOpen = true
      return work(pool, '')
    })
  } catch (error) {
    if (isOpen || !(error instanceof ExitError)) throw error
    return work(null, describeError(error))
  }
}

async function apply(
  services: { temporal: Client | null; database: Pool | null },
  { config, state, reason }: { config: Config; state: TradingFlag; reason: string },
): Promise<FlagAnswer> {
  const [{ setFlag }, { marketNow }, { newestRun }] = await Promise.all([
    import('../trading/set-flag.ts'),
    import('../trading/market-now.ts'),
    import('../database/queries/newest-run.ts'),
  ])
  const book = config.TRADING_MODE
  const run = services.database === null ? null : await newestRun(services.database, book)
  const marketTime = run === null ? Date.now() : marketNow({ run, wallTime: Date.now() })
  const flag = await setFlag(services, { book, state, reason, by: 'owner', marketTime })
  const { cancelled, failed } = state === 'halted' ? await cancelAll(services, { run, reason, marketTime }) : { cancelled: [], failed: [] }
  return {
    ...flag,
    cancelled_orders: cancelled,
    failed_orders: failed,
    unguarded_positions: await unguarded(services, { run, state: flag.state }),
  }
}

/** Null where it cannot be known; the flag stands all the same. */
async function unguarded(
  { database }: Services,
  { run, state }: { run: Run | null; state: TradingFlag },
): Promise<UnguardedPosition[] | null> {
  if (database === null) return null
  if (run === null) return []
  const { unguardedPositions } = await import('../trading/unguarded-positions.ts')
  return unguardedPositions(database, { runId: run.run_id, state }).catch(() => null)
}

/** The halt stands; what cannot be cancelled now is said. */
async function cancelAll(
  { temporal, database }: Services,
  { run, reason, marketTime }: { run: Run | null; reason: string; marketTime: number },
): Promise<CancelledOrders> {
  if (database === null)
    return { cancelled: [], failed: [{ order_id: 'unknown', why: 'open orders are not known while Postgres is away' }] }
  if (run === null) return { cancelled: [], failed: [] }
  const [{ cancelOpenOrders }, { openOrders }] = await Promise.all([
    import('../trading/cancel-order.ts'),
    import('../database/queries/open-orders.ts'),
  ])
  if (temporal !== null) return cancelOpenOrders({ temporal, database }, { run, reason: `halted: ${reason}`, marketTime })
  const open = await openOrders(database, { runId: run.run_id })
  return {
    cancelled: [],
    failed: open.map(({ order_id }) => ({ order_id, why: 'Temporal is away; it is cancelled before the next tick is matched' })),
  }
}
