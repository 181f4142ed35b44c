import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Fill } from '@trader/core/contract/fill'
import type { Order } from '@trader/core/contract/order'
import type { Run } from '@trader/core/contract/run'
import { decimal } from '@trader/core/money/decimal'
import { createPool, type Pool } from '../../database/pool.ts'
import { listFills } from '../../database/queries/list-fills.ts'
import { listOrders } from '../../database/queries/list-orders.ts'
import { newestRun } from '../../database/queries/newest-run.ts'
import { runCounts } from '../../database/queries/run-counts.ts'
import type { Claims } from './claims.ts'
import { demoMarket, historyMinutes } from './demo-market.ts'
import { readOrder, readProfit, totalQuantity, type OrderFacts } from './read-facts.ts'
import { TemporaryStack } from './temporary-stack.ts'

/** One minute of the market in a second: slow enough to kill something in between, fast enough for an audience. */
const speed = 60
/** Wall time after which a stack whose demo was killed ends by itself. */
const longestRun = '10m'
const [tradeWithinMs, recoverWithinMs] = [120_000, 90_000]
const [product, quote] = [demoMarket().product, 'USD']

const ledgerCheckOutput = z.object({ ok: z.boolean(), transactions: z.int(), sums: z.record(z.string(), z.string()) })

export interface DemoOptions {
  readonly claims: Claims
  /** Tells the audience what comes next. */
  readonly say: (text: string) => void
  /** The data directory is left for the curious. */
  readonly keep: boolean
  readonly signal: AbortSignal
}

interface Demo extends DemoOptions {
  readonly stack: TemporaryStack
  readonly market: ReturnType<typeof demoMarket>
}

/** Shows the point on a stack of its own, and claims only what it has just looked up. Nothing of it is left but what `keep` asks for. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { say, claims, signal, keep } = options
  const stack = await TemporaryStack.create({ HISTORICAL_MINUTES: String(historyMinutes) })
  const onAbort = (): void => void stack.stop()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await tell({ ...options, stack, market: demoMarket() })
    say('Now everything is stopped in order.')
    const exitCode = await stack.stop()
    const leftovers = await stack.leftovers()
    claims.make(
      'the stack stopped cleanly and left no process behind',
      exitCode === 0 && leftovers.length === 0,
      `exit code ${exitCode}, left behind: ${leftovers.join(', ') || 'nothing'}`,
    )
  } finally {
    signal.removeEventListener('abort', onAbort)
    await stack.stop()
    await stack.leftovers()
    if (keep) say(`Everything is kept in ${stack.directory}: ./trader decision list --data-dir ${stack.dataDir.root}`)
    else await stack.remove()
  }
}

async function tell(demo: Demo): Promise<void> {
  await startEverything(demo)
  const pool = createPool({ connectionString: demo.stack.addresses().databaseUrl.reveal(), max: 2 })
  try {
    const run = await newestRun(pool, 'paper')
    if (run === null) throw new Error('the stack started no run')
    const entry = await watchEntry(demo, pool, run)
    const exit = await killInTheMiddle(demo, pool, run)
    await watchRecovery(demo, pool, run, exit)
    await showProfit(demo, pool, run)
    await checkLedger(demo)
    await showStory(demo, entry)
  } finally {
    await pool.end()
  }
}

async function startEverything({ stack, claims, say, market, signal }: Demo): Promise<void> {
  say('One command starts a database, Temporal, the worker with the agents, and the MCP server, in a temporary directory.')
  const file = join(stack.directory, market.fileName)
  writeFileSync(file, market.csv)
  signal.throwIfAborted()
  const plan = ['--market', 'replay', '--replay-file', file, '--products', product, '--speed', String(speed)]
  await stack.start([...plan, '--model', 'offline', '--run-for', longestRun])
  const { components, agents } = await stack.status()
  claims.make(
    'everything is running',
    components.every(({ state }) => state === 'running') && agents.length === 3,
    [...components.map(({ name, state }) => `${name} ${state}`), `${agents.length} agents`].join(', '),
  )
}

/** The first purchase of the agents. */
async function watchEntry({ stack, claims, say, signal }: Demo, pool: Pool, run: Run): Promise<Fill> {
  say(`The agents now watch ${product} in a market made for this demo, a minute of it each second: first noise, then a rise.`)
  const bought = async (): Promise<Fill | undefined> =>
    (await listFills(pool, { runId: run.run_id })).findLast(({ side }) => side === 'BUY')
  await stack.until('the agents buy', async () => (await bought()) !== undefined, { timeoutMs: tradeWithinMs, signal })
  const [fill, counts] = await Promise.all([bought(), runCounts(pool, run.run_id)])
  if (fill === undefined) throw new Error('the first purchase has vanished')
  const held = Object.values(counts.holds).reduce((total, count) => total + count, 0)
  claims.make(
    'the execution agent waited for its reasons, then bought by itself',
    held > 0 && counts.orders > 0,
    `held ${held} times, asked the model ${counts.model_calls} times, then ${describeFill(fill)}`,
  )
  return fill
}

/** Kills the worker while the take-profit of the purchase is partly sold, and answers how the order stood then. */
async function killInTheMiddle({ stack, claims, say, signal }: Demo, pool: Pool, run: Run): Promise<OrderFacts> {
  say(
    'Code, not a model, guards the position with a stop and a take-profit. The price rises; the market gets thin, so the sale takes a while ...',
  )
  const selling = async (): Promise<Order | undefined> => (await listOrders(pool, { runId: run.run_id, states: ['PARTIAL'] })).find(isExit)
  await stack.until('the take-profit sells', async () => (await selling()) !== undefined, { timeoutMs: tradeWithinMs, signal })
  const order = await selling()
  const { pid } = await stack.component('worker')
  if (order === undefined || pid === null) throw new Error('the sale or the worker ended just before the kill')
  process.kill(pid, 'SIGKILL')
  const facts = await readOrder(pool, run, order.order_id)
  claims.make(
    'the worker was killed (kill -9) in the middle of that order',
    facts.order.state === 'PARTIAL' && decimal(facts.order.filled_quantity).lt(facts.order.quantity),
    `process ${pid}; order ${order.order_id} is ${facts.order.state}: ${describeFacts(facts)}`,
  )
  return facts
}

function isExit({ type }: Order): boolean {
  return type === 'take_profit'
}

async function watchRecovery({ stack, claims, say, signal }: Demo, pool: Pool, run: Run, before: OrderFacts): Promise<void> {
  say('Nobody repairs anything. The supervisor starts the worker again, Temporal hands it the same order, and the sale goes on ...')
  const { order_id: orderId, quantity } = before.order
  const isDone = async (): Promise<boolean> => (await readOrder(pool, run, orderId)).order.state === 'FILLED'
  await stack.until('the order is filled', isDone, { timeoutMs: recoverWithinMs, signal })
  const [facts, worker] = await Promise.all([readOrder(pool, run, orderId), stack.component('worker')])
  claims.make(
    'the worker came back by itself',
    worker.state === 'running' && worker.restarts > 0,
    `${worker.restarts} restart, process ${worker.pid}`,
  )
  claims.make(
    'the order was done to its end',
    decimal(facts.order.filled_quantity).eq(quantity),
    `order ${orderId} is ${facts.order.state}: ${describeFacts(facts)}`,
  )
  claims.make('it was done exactly once', isExactlyOnce(facts, before), describeOnce(facts, before))
}

/** Each venue fill has one booked fill and one posting, nothing else has, what was booked before the kill is still there, and it adds up. */
function isExactlyOnce({ order, venueFills, fills, postingsPerFill }: OrderFacts, before: OrderFacts): boolean {
  const venueIds = new Set(venueFills.map((fill) => fill.fill_id))
  const bookedIds = new Set(fills.map((fill) => fill.fill_id))
  return (
    venueIds.size === venueFills.length &&
    bookedIds.size === fills.length &&
    venueFills.every((fill) => bookedIds.has(fill.fill_id)) &&
    before.fills.every((fill) => bookedIds.has(fill.fill_id)) &&
    postingsPerFill.every((count) => count === 1) &&
    decimal(totalQuantity(venueFills)).eq(order.quantity) &&
    decimal(totalQuantity(fills)).eq(order.quantity)
  )
}

function describeOnce({ venueFills, fills, postingsPerFill, order }: OrderFacts, before: OrderFacts): string {
  const postings = postingsPerFill.reduce((total, count) => total + count, 0)
  return (
    `${venueFills.length} executions at the venue, ${fills.length} fills in the ledger (${before.fills.length} of them from before the kill), ` +
    `${postings} postings; sold ${totalQuantity(fills)} of ${order.quantity}`
  )
}

async function showProfit({ claims, say }: Demo, pool: Pool, run: Run): Promise<void> {
  say('The trade closed at a profit, and a share of each profit is set aside where no order can spend it.')
  const { realized, percentage, scraped, expected, wallet } = await readProfit(pool, run, quote)
  claims.make('the trade made a profit after fees', decimal(realized).gt(0), `${realized} ${quote} realized`)
  claims.make(
    `${percentage} % of it was scraped`,
    decimal(scraped).gt(0) && decimal(scraped).eq(expected) && decimal(wallet).eq(scraped),
    `${scraped} ${quote} set aside fill by fill, ${wallet} ${quote} in the wallet, ${expected} ${quote} computed anew`,
  )
}

async function checkLedger({ stack, claims, say }: Demo): Promise<void> {
  say('`trader ledger check` recomputes the books from their parts.')
  const { exitCode, stdout, stderr } = await stack.run(['ledger', 'check', '--json'])
  const checked = ledgerCheckOutput.safeParse(parseJson(stdout))
  claims.make(
    'the ledger is in balance',
    exitCode === 0 && checked.success && checked.data.ok,
    checked.success
      ? `${checked.data.transactions} transactions; sums ${JSON.stringify(checked.data.sums)}`
      : `exit code ${exitCode}: ${stderr.trim() || stdout.trim()}`,
  )
}

/** The decision behind the purchase, as `trader decision show` tells it. */
async function showStory({ stack, claims, say }: Demo, entry: Fill): Promise<void> {
  say(`Why did it buy? \`trader decision show ${entry.correlation_id}\` says:`)
  const { exitCode, stdout, stderr } = await stack.run(['decision', 'show', entry.correlation_id])
  say(stdout.trimEnd().replaceAll(/^/gm, '    '))
  claims.make(
    'the whole story of the trade is on record, from what was seen to the postings',
    exitCode === 0 && [entry.order_id, `fill:${entry.fill_id}`, 'scrape:'].every((part) => stdout.includes(part)),
    exitCode === 0 ? `${stdout.split('\n').length} lines, with order ${entry.order_id} and its postings` : stderr.trim(),
  )
}

function describeFill({ side, quantity, product, price, fee }: Fill): string {
  return `${side} ${quantity} ${product} at ${price}, fee ${fee}`
}

function describeFacts({ order, venueFills, fills, postingsPerFill }: OrderFacts): string {
  const postings = postingsPerFill.filter((count) => count > 0).length
  return `${order.filled_quantity} of ${order.quantity} sold; ${venueFills.length} venue fills, ${fills.length} booked, ${postings} posted`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The command said something else than it should; the claim shows what.
    return null
  }
}
