import { randomUUID } from 'node:crypto'
import { fraction } from '@trader/core/contract/primitives'
import { wallet } from '@trader/core/contract/wallet'
import { z } from 'zod'
import { listWallets } from '../../database/queries/list-wallets.ts'
import { setTradeableFraction as storeFraction } from '../../database/queries/set-tradeable-fraction.ts'
import { findWallet } from '../../trading/find-wallet.ts'
import { marketNow } from '../../trading/market-now.ts'
import { idempotencyKey, reason } from '../arguments.ts'
import { defineTool, Refusal } from '../tool.ts'

export const setTradeableFraction = defineTool({
  name: 'set_tradeable_fraction',
  title: 'Set the tradeable fraction of a wallet',
  description:
    'Sets which fraction of a wallet orders may reserve, counted from what it holds now; spending does not refill it. Use it when the user wants to limit or free money for trading.',
  input: z.strictObject({
    wallet: z.union([z.int().positive(), z.string().min(1).max(64)]).describe('The wallet by id, name or asset, as list_wallets shows it.'),
    fraction: fraction.describe('From 0 (nothing) to 1 (everything).'),
    reason: reason.default('asked for by the user').describe('Why, for the audit.'),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({ wallet, previous_fraction: fraction }),
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  scope: 'admin',
  primitive: 'ledger',
  async run(context, args) {
    const run = await context.run()
    const found = findWallet(await listWallets(context.pool, { runId: run.run_id }), String(args.wallet))
    if (!found.ok) return new Refusal('UNKNOWN_WALLET', found.detail)
    const stored = await storeFraction(context.pool, {
      idempotency_key: args.idempotency_key ?? randomUUID(),
      wallet_id: found.wallet.wallet_id,
      fraction: args.fraction,
      who: context.principal.name,
      reason: args.reason,
      market_time: marketNow({ run, wallTime: context.now() }),
    })
    return { wallet: stored, previous_fraction: found.wallet.tradeable_fraction }
  },
})
