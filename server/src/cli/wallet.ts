import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import type { Wallet } from '@trader/core/contract/wallet'
import type { Pool } from '../database/pool.ts'
import { ExitError } from '../exit-code.ts'
import { answersJson, commandConfig, ofARun, type JsonFlags, type RunFlags } from './command-config.ts'
import { fractionValue, shortText } from './option-values.ts'
import { print, printJson, table } from './output.ts'
import { currentRun } from './current-run.ts'
import { withDatabase } from './with-database.ts'

/** `trader wallet list|set-tradeable-fraction`: what there is, and how much of it orders may use. */
export function registerWallet(program: Command): void {
  const wallet = program.command('wallet').description('show wallets, and set how much of one may be traded')

  const list = wallet.command('list').description('every wallet of the newest run')
  ofARun(list).action(async (flags: RunFlags) => {
    const config = commandConfig(flags)
    const wallets = await withDatabase(config, async (pool) => listOf(pool, (await currentRun(pool, { config, runId: flags.run })).run_id))
    if (flags.json === true) printJson(wallets)
    else print(describeWallets(wallets))
  })

  const set = wallet
    .command('set-tradeable-fraction [wallet] [fraction]')
    .description('set the fraction of a wallet (id, name or asset) that orders may reserve, counted from what it has now')
    .option('--wallet <wallet>', 'instead of the first argument')
    .option('--frac <fraction>', 'from 0 to 1, instead of the second argument')
    .option('--reason <text>', 'why, for the audit', shortText('--reason', 500), 'asked for on the command line')
  answersJson(set).action(
    async (
      first: string | undefined,
      second: string | undefined,
      flags: JsonFlags & { wallet?: string; frac?: string; reason: string },
    ) => {
      const wanted = parseWanted({
        wallet: flags.wallet ?? first,
        fraction: flags.frac ?? (flags.wallet === undefined ? second : (second ?? first)),
      })
      const config = commandConfig(flags)
      const changed = await withDatabase(config, (pool) => setFraction(pool, { config, ...wanted, reason: flags.reason }))
      if (flags.json === true) printJson(changed)
      else
        print(
          `${changed.wallet.name}: ${changed.previous_fraction} before, ${changed.wallet.tradeable_fraction} now; ${changed.wallet.tradeable} ${changed.wallet.asset} may be reserved`,
        )
    },
  )
}

async function listOf(pool: Pool, runId: string): Promise<Wallet[]> {
  const { listWallets } = await import('../database/queries/list-wallets.ts')
  return listWallets(pool, { runId })
}

function parseWanted({ wallet, fraction }: { wallet: string | undefined; fraction: string | undefined }): {
  wallet: string
  fraction: number
} {
  if (wallet === undefined || fraction === undefined) {
    throw new ExitError('usage', 'give a wallet and a fraction, such as: trader wallet set-tradeable-fraction USD 0.5')
  }
  return { wallet, fraction: fractionValue(fraction) }
}

async function setFraction(
  pool: Pool,
  {
    config,
    wallet,
    fraction,
    reason,
  }: { config: Parameters<typeof currentRun>[1]['config']; wallet: string; fraction: number; reason: string },
): Promise<{ wallet: Wallet; previous_fraction: number }> {
  const [{ setTradeableFraction }, { findWallet }, { marketNow }] = await Promise.all([
    import('../database/queries/set-tradeable-fraction.ts'),
    import('../trading/find-wallet.ts'),
    import('../trading/market-now.ts'),
  ])
  const run = await currentRun(pool, { config })
  const found = findWallet(await listOf(pool, run.run_id), wallet)
  if (!found.ok) throw new ExitError('failed', found.detail)
  const stored = await setTradeableFraction(pool, {
    idempotency_key: randomUUID(),
    wallet_id: found.wallet.wallet_id,
    fraction,
    who: 'owner',
    reason,
    market_time: marketNow({ run, wallTime: Date.now() }),
  })
  return { wallet: stored, previous_fraction: found.wallet.tradeable_fraction }
}

function describeWallets(wallets: readonly Wallet[]): string {
  const rows = wallets.map((each) => [
    String(each.wallet_id),
    each.name,
    each.posted,
    each.held,
    each.available,
    each.scraped,
    String(each.tradeable_fraction),
    each.tradeable,
  ])
  return table([['id', 'wallet', 'posted', 'held', 'available', 'scraped', 'fraction', 'may be reserved'], ...rows])
}
