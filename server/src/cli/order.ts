import type { Command } from 'commander'
import type { Order } from '@trader/core/contract/order'
import { aboutAStack, commandConfig } from './command-config.ts'
import { currentRun } from './current-run.ts'
import { describeTime } from './describe-time.ts'
import { print, printJson, table } from './output.ts'
import { requireTool } from './tool-client.ts'
import { withDatabase } from './with-database.ts'

interface Flags {
  readonly dataDir?: string
  readonly json?: boolean
}

/** `trader order list|cancel`. */
export function registerOrder(program: Command): void {
  const order = program.command('order').description('list orders, and cancel one')

  const list = order
    .command('list')
    .description('orders of the newest run, newest first')
    .option('--open', 'only those that may still fill')
    .option('--limit <n>', 'at most this many', Number, 50)
    .option('--run <id>', 'of another run')
    .option('--json', 'one JSON document')
  aboutAStack(list).action(async (flags: Flags & { open?: boolean; limit: number; run?: string }) => {
    const config = commandConfig(flags)
    const [{ listOrders }, { openOrders }] = await Promise.all([
      import('../database/queries/list-orders.ts'),
      import('../database/queries/open-orders.ts'),
    ])
    const orders = await withDatabase(config, async (pool) => {
      const { run_id: runId } = await currentRun(pool, { config, runId: flags.run })
      return flags.open === true ? openOrders(pool, { runId }) : listOrders(pool, { runId, limit: flags.limit })
    })
    if (flags.json === true) printJson(orders)
    else print(describeOrders(orders))
  })

  const cancel = order
    .command('cancel <id>')
    .description('cancel an open order; what was filled stays filled')
    .option('--reason <text>', 'why, for the record')
    .option('--json', 'one JSON document')
  aboutAStack(cancel).action(async (id: string, flags: Flags & { reason?: string }) => {
    const args = { order_id: id, ...(flags.reason !== undefined && { reason: flags.reason }) }
    const result = await requireTool(commandConfig(flags), { name: 'cancel_order', args })
    if (flags.json === true) printJson(result)
    else print(result['cancelled'] === true ? `order ${id} is cancelled` : `order ${id} was over already`)
  })
}

export function describeOrders(orders: readonly Order[]): string {
  const rows = orders.map((each) => [
    describeTime(each.market_time),
    each.order_id,
    each.product,
    each.side,
    each.type,
    each.quantity,
    each.filled_quantity,
    each.average_price ?? '-',
    each.state,
    each.state_reason ?? '',
  ])
  return table([['time', 'order', 'product', 'side', 'type', 'quantity', 'filled', 'at', 'state', 'why'], ...rows])
}
