import type { MarketPlan, MarketSourceConfig } from '@trader/core/contract/market-messages'
import type { RunIdentity } from '@trader/core/contract/run'
import { findProduct, unknownProduct } from '@trader/core/market/product'
import { isStepped } from '@trader/core/market/feed-step'
import type { Config } from '../../config.ts'
import { describeError, ExitError } from '../../exit-code.ts'
import { openMarketSource } from '../../exchange/open-market-source.ts'
import type { StartOptions } from '../start-options.ts'

/** What a start will run: the run it is, and everything of its market plan but the run's id. */
export interface RunPlan {
  readonly identity: RunIdentity
  readonly plan: Omit<MarketPlan, 'run_id'>
  readonly isStepped: boolean
  /** Market time at which a fresh run begins; null where that is the wall clock's now. */
  readonly begins: number | null
}

/** Checks what was asked for, files included, before anything is changed. A bad file or product ends the command. */
export async function planRun(options: StartOptions, config: Config): Promise<RunPlan> {
  const { products, market } = options
  const unknown = products.find((product) => findProduct(product) === undefined)
  if (unknown !== undefined) throw new ExitError('usage', unknownProduct(unknown).detail)
  const source: MarketSourceConfig = {
    market,
    files: options.replayFiles,
    seed: options.seed,
    speed: options.speed,
    spread_bps: config.SPREAD_BPS,
    exchange: null,
  }
  const opened = market === 'coinbase' ? { fileHashes: [], begins: null } : await inspect({ source, products, config })
  requireLater(options.until, opened.begins ?? Date.now())
  return {
    identity: { market, file_hashes: [...opened.fileHashes], products: [...products].sort(), seed: options.seed, book: 'paper' },
    isStepped: isStepped(source),
    begins: opened.begins,
    plan: {
      book: 'paper',
      products,
      source,
      nudge_seconds: config.NUDGE_SECONDS,
      model: modelOf(options, config),
      historical_minutes: config.HISTORICAL_MINUTES,
      until: options.until ?? null,
      stream_limits: { continue_every: config.STREAM_CONTINUE_EVERY, history_limit: config.STREAM_HISTORY_LIMIT },
      features: {
        window_seconds: config.VECTOR_WINDOW_SEC,
        limits: { continue_every: config.VECTOR_CONTINUE_EVERY, history_limit: config.VECTOR_HISTORY_LIMIT },
      },
    },
  }
}

/** A market that would end before it began is a slip of the pen. */
function requireLater(until: number | undefined, begins: number): void {
  if (until === undefined || until > begins) return
  throw new ExitError('usage', `--until ${isoTime(until)} is not after ${isoTime(begins)}, where the market begins`)
}

const isoTime = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')

async function inspect(request: {
  source: MarketSourceConfig
  products: string[]
  config: Config
}): Promise<{ fileHashes: readonly string[]; begins: number | null }> {
  const { source, products, config } = request
  try {
    const opened = await openMarketSource({ source, products, historical_minutes: config.HISTORICAL_MINUTES })
    await opened.close()
    return { fileHashes: opened.fileHashes, begins: opened.pace === 'stepped' ? opened.start : null }
  } catch (error) {
    throw new ExitError('usage', describeError(error))
  }
}

/** The model named, else OpenAI's where there is a key, else the offline one. */
function modelOf({ model }: StartOptions, config: Config): string {
  const chosen = model ?? (config.OPENAI_API_KEY === undefined ? 'offline' : `openai:${config.OPENAI_MODEL}`)
  if (chosen === 'offline') return chosen
  if (!chosen.startsWith('openai:')) throw new ExitError('usage', `--model ${chosen}: the vendors are offline and openai`)
  if (config.OPENAI_API_KEY === undefined && config.OPENAI_BASE_URL === undefined) {
    throw new ExitError(
      'usage',
      `--model ${chosen} needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server of yours; without one use --model offline`,
    )
  }
  return chosen
}
