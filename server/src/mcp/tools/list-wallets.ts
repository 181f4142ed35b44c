import { wallet } from '@trader/core/contract/wallet'
import { z } from 'zod'
import { listWallets as queryWallets } from '../../database/queries/list-wallets.ts'
import { runId } from '../arguments.ts'
import { defineTool, readHints } from '../tool.ts'

export const listWallets = defineTool({
  name: 'list_wallets',
  title: 'Wallets',
  description:
    'One wallet per asset: posted, held, available and scraped money, and the fraction of it that orders may use. Use it to see what may be traded.',
  input: z.strictObject({ run_id: runId }),
  output: z.object({ run_id: z.string(), wallets: z.array(wallet) }),
  hints: readHints,
  scope: 'read',
  primitive: 'ledger',
  async run(context, args) {
    const run = await context.run(args.run_id)
    return { run_id: run.run_id, wallets: await queryWallets(context.pool, { runId: run.run_id }) }
  },
})
