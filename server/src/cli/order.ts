import type { Command } from 'commander'
import type { Order } from '@trader/core/contract/order'
import type { Config } from '../config.ts'
import { answersJson, commandConfig, listsOfARun, type JsonFlags, type ListFlags } from './command-config.ts'
import { currentRun } from './current-run.ts'
import { describeTime } from './describe-time.ts'
import { shortPrice } from './describe-decision.ts'
import { mostMatches, onlyMatch } from './only-match.ts'
import { idText, shortText } from './option-values.ts'
import { print, printJson, table } from './output.ts'
import { requireMcp, requireTool } from './tool-client.ts'
import { withDatabase } from './with-database.ts'

/** `trader order list|cancel`. */
export function registerOrder(program: Command): void {
  const order = program.command('order').description('list orders, and cancel one')

  const list = order
    .command('list')
    .description('orders of the newest run, newest first')
    .option('--open', 'only those that may still fill')
  listsOfARun(list).action(async (flags: ListFlags & { open?: boolean }) => {
    const config = commandConfig(flags)
    const [{ listOrders }, { openOrders }] = await Promise.all([
      import('../database/queries/list-orders.ts'),
      import('../database/queries/open-orders.ts'),
    ])
    const orders = await withDatabase(config, async (pool) => {
      const { run_id: runId } = await currentRun(pool, { config, runId: flags.run })
      return flags.open === true
        ? (await openOrders(pool, { runId })).toReversed().slice(0, flags.limit)
        : listOrders(pool, { runId, limit: flags.limit })
    })
    if (flags.json === true) printJson(orders)
    else print(orders.length === 0 ? `no ${flags.open === true ? 'open ' : ''}orders in this run` : describeOrders(orders))
  })

  const cancel = order
    .command('cancel')
    .description('cancel an open order; what was filled stays filled')
    .argument('<id>', 'its id, or enough of the beginning', idText('the id', 'one of `trader order list`'))
    .option('--reason <text>', 'why, for the record', shortText('--reason', 500))
  answersJson(cancel).action(async (typed: string, flags: JsonFlags & { reason?: string }) => {
    const config = commandConfig(flags)
    await requireMcp(config)
    const id = await orderId(config, typed)
    const args = { order_id: id, ...(flags.reason !== undefined && { reason: flags.reason }) }
    const result = await requireTool(config, { name: 'cancel_order', args })
    if (flags.json === true) printJson(result)
    else print(result['cancelled'] === true ? `order ${id} is cancelled` : `order ${id} was over already`)
  })
}

async function orderId(config: Config, typed: string): Promise<string> {
  const { orderIdsWithPrefix } = await import('../database/queries/ids-with-prefix.ts')
  const matches = await withDatabase(config, (pool) => orderIdsWithPrefix(pool, { prefix: typed, limit: mostMatches }))
  return onlyMatch({ kind: 'order', typed, matches })
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
    each.average_price === null ? '-' : shortPrice(each.average_price),
    each.state,
    each.state_reason ?? '',
  ])
  return table([['time', 'order', 'product', 'side', 'type', 'quantity', 'filled', 'at', 'state', 'why'], ...rows])
}
