import type { OpenSale } from '@trader/core/order/make-room'
import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

export interface ExitRoom {
  /** Base units: the armed exit's quantity, and what no order holds of the wallet it sells from. */
  readonly wanted: string
  readonly free: string
  /** Open sales of the same product, the newest first. Other exits that woke are not among them: they sell at once, as this one will. */
  readonly newestFirst: readonly OpenSale[]
}

/** What an armed exit finds when it wakes; null where it is not armed any more. */
export async function exitRoom(db: Database, orderId: string): Promise<ExitRoom | null> {
  return valueOrNull(
    db,
    `select jsonb_build_object('wanted', as_text(exit.quantity), 'free', as_text(account.posted - account.held), 'newestFirst', (
       select coalesce(jsonb_agg(jsonb_build_object('order_id', sale.order_id, 'held', as_text(hold.amount - hold.consumed))
                                 order by sale.market_time desc, sale.created_at desc, sale.origin desc, sale.leg desc), '[]')
       from orders sale join hold on hold.order_id = sale.order_id and hold.state = 'open'
       where sale.run_id = exit.run_id and sale.product = exit.product and sale.side = 'SELL' and sale.type in ('market', 'limit')
         and not is_terminal(sale.state))) as value
     from orders exit join account on account.account_id = find_account(find_run(exit.run_id), base_of(exit.product), 'available')
     where exit.order_id = $1 and exit.state = 'ARMED'`,
    [orderId],
  )
}
