import { randomBytes } from 'node:crypto'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Run } from '@trader/core/contract/run'
import { isStepped } from '@trader/core/market/feed-step'
import { findProduct, unknownProduct } from '@trader/core/market/product'
import { marketStreamStatusQuery } from '@trader/workflows/messages'
import { marketStreamId } from '@trader/workflows/names'
import { describeError } from '../exit-code.ts'
import { openMarketSource } from '../exchange/open-market-source.ts'
import type { Pool } from '../database/pool.ts'
import { findRun } from '../database/queries/find-run.ts'
import { openOrResume, startMarket } from '../stack/run/begin-run.ts'
import { scheduleNudges } from '../stack/run/nudge-schedule.ts'
import { startAgents } from '../stack/run/start-agents.ts'

export interface WantedMarket {
  /** Default: those of the market that streams, or streamed last. */
  readonly products: readonly string[] | undefined
  readonly loadHistory: boolean
  /** An exchange's name in ccxt, for a market of its prices; default: the market that streams, or streamed last. */
  readonly exchange?: string | undefined
}

export type ChangedMarket =
  | { readonly ok: true; readonly run: Run; readonly resumed: boolean; readonly plan: MarketPlan }
  | { readonly ok: false; readonly reason: 'NO_MARKET' | 'UNKNOWN_PRODUCT' | 'NO_MARKET_DATA'; readonly detail: string }

interface Services {
  readonly pool: Pool
  readonly client: Client
  readonly taskQueue: string
}

/**
 * Starts the market that streams, or streamed last, or an exchange's, for these products; the same products are the same stream. Other
 * products or another exchange are another run, with books of its own, as they are for `trader start`.
 */
export async function changeMarket(services: Services, wanted: WantedMarket): Promise<ChangedMarket> {
  const { pool, client, taskQueue } = services
  const current = await lastPlan(client)
  const run = current === null ? null : await findRun(pool, current.run_id)
  if (current === null || run === null)
    return { ok: false, reason: 'NO_MARKET', detail: 'no market was ever started here: `trader start` says which' }

  const products = [...(wanted.products ?? current.products)]
  const unknown = products.find((product) => findProduct(product) === undefined)
  if (unknown !== undefined) return { ok: false, reason: 'UNKNOWN_PRODUCT', detail: unknownProduct(unknown).detail }
  const wantedPlan = nextPlan(current, { ...wanted, products })
  const opened = await inspect(wantedPlan, run)
  if (!opened.ok) return opened

  const { market } = wantedPlan.source
  const identity = { market, file_hashes: [...opened.fileHashes], products: products.toSorted(), seed: run.seed, book: run.book }
  const { run: next, resumed } = await openOrResume(pool, { identity, begins: opened.begins })
  const plan = { ...wantedPlan, run_id: next.run_id }
  const target = { client, taskQueue, runId: next.run_id, book: next.book, startId: randomBytes(6).toString('hex') }
  await startAgents(target)
  await scheduleNudges({ ...target, model: plan.model, nudgeSeconds: plan.nudge_seconds, isStepped: isStepped(plan.source) })
  await startMarket({ ...target, plan })
  return { ok: true, run: next, resumed, plan }
}

/** The plan that streams, changed as wanted, but for its run. Whether history is loaded, each start says for itself. */
export function nextPlan({ load_history: _once, ...current }: MarketPlan, { products, exchange, loadHistory }: WantedMarket): MarketPlan {
  return {
    ...current,
    products: [...(products ?? current.products)],
    ...(exchange !== undefined && exchangeMarket(current, exchange)),
    ...(!loadHistory && { load_history: false }),
  }
}

/** What streams, or streamed last; null where nothing ever did. */
async function lastPlan(client: Client): Promise<MarketPlan | null> {
  try {
    return (await client.workflow.getHandle(marketStreamId).query(marketStreamStatusQuery)).plan
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

/** The same trading at an exchange's prices. A time at which the old market was to stop means nothing there. */
function exchangeMarket({ source }: MarketPlan, exchange: string): Pick<MarketPlan, 'source' | 'until'> {
  return { source: { ...source, market: 'ccxt', files: [], speed: 1, exchange }, until: null }
}

/** Market time at which the source begins, null for the wall clock's now, and what it reads; or why it has nothing for these products. */
async function inspect(
  plan: MarketPlan,
  run: Run,
): Promise<{ ok: true; begins: number | null; fileHashes: readonly string[] } | Extract<ChangedMarket, { ok: false }>> {
  // A stream is opened by the feed alone: opening it twice would ask the exchange twice. ccxt's asks for nothing but its products.
  if (plan.source.market === 'coinbase') return { ok: true, begins: null, fileHashes: run.file_hashes }
  try {
    const opened = await openMarketSource(plan)
    await opened.close()
    return { ok: true, begins: opened.pace === 'stepped' ? opened.start : null, fileHashes: opened.fileHashes }
  } catch (error) {
    return { ok: false, reason: 'NO_MARKET_DATA', detail: describeError(error) }
  }
}
