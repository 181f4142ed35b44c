import type { Database } from '../pool.ts'
import { value, values } from './value.ts'

export interface LedgerCheck {
  readonly ok: boolean
  readonly transactions: number
  /** Sum of all entries per asset, over every account: zero. */
  readonly sums: Record<string, string>
  /** A sentence for each thing that does not add up. */
  readonly problems: string[]
}

/**
 * Recomputes the books from their parts, without the functions that wrote them. Call it inside one `repeatable read`
 * transaction.
 */
export async function ledgerCheck(db: Database): Promise<LedgerCheck> {
  const transactions = await value<number>(db, 'select count(*)::int as value from txn')
  const sums = await value<Record<string, string>>(
    db,
    `select coalesce(jsonb_object_agg(asset, total), '{}') as value from (select asset, as_text(sum(amount)) as total from entry group by asset) as sums`,
  )
  const problems: string[] = []
  for (const check of checks) problems.push(...(await values<string>(db, check)))
  return { ok: problems.length === 0, transactions, sums, problems }
}

const checks: readonly string[] = [
  `select format('txn %s leaves %s %s over', txn_id, as_text(sum(amount)), asset) as value
   from entry group by txn_id, asset having sum(amount) <> 0 order by txn_id`,

  `select format('txn %s has no entries', txn_id) as value from txn where not exists (select from entry e where e.txn_id = txn.txn_id)`,

  `select format('account %s: posted %s, entries sum to %s', account_id, as_text(posted), as_text(coalesce(total, 0))) as value
   from account left join (select account_id, sum(amount) as total from entry group by account_id) as e using (account_id)
   where posted <> coalesce(total, 0)`,

  `select format('account %s: held %s, open holds sum to %s', account_id, as_text(held), as_text(coalesce(total, 0))) as value
   from account left join (select account_id, sum(amount - consumed) as total from hold where state = 'open' group by account_id) as h using (account_id)
   where held <> coalesce(total, 0)`,

  `select format('account %s has version %s after %s entries numbered %s to %s', account_id, version, count(e), min(account_version), max(account_version)) as value
   from account left join entry e using (account_id) group by account_id, version
   having version <> count(e) or (count(e) > 0 and (min(account_version) <> 1 or max(account_version) <> count(e)))`,

  `select format('entry %s of txn %s: balance %s, history says %s', seq, txn_id, as_text(balance_after), as_text(running)) as value
   from (select *, sum(amount) over (partition by account_id order by account_version) as running from entry) as chain
   where balance_after <> running`,

  `select format('account %s is below its minimum %s: posted %s, held %s', account_id, as_text(min_available), as_text(posted), as_text(held)) as value
   from account where posted - held < min_available`,

  `select format('fill %s has no posting of its own', fill_id) as value
   from fill left join txn on txn.txn_id = fill.txn_id and txn.kind = 'fill' and txn.idem_key = 'fill:' || fill_id where txn.txn_id is null`,

  `select format('posting %s has no fill', idem_key) as value from txn
   where kind = 'fill' and not exists (select from fill where fill.txn_id = txn.txn_id)
      or kind = 'scrape' and not exists (select from fill where fill.scrape_txn_id = txn.txn_id)`,

  // What each fill must have posted, from the fill alone, against what the journal has.
  `with expected as (
     select txn_id, quote_of(product) as asset, 'available' as kind, case side when 'BUY' then -notional - fee else notional - fee end as amount from fill
     union all select txn_id, quote_of(product), 'exchange_clearing', case side when 'BUY' then notional else -notional end from fill
     union all select txn_id, quote_of(product), 'fees', fee from fill
     union all select txn_id, base_of(product), 'available', case side when 'BUY' then quantity else -quantity end from fill
     union all select txn_id, base_of(product), 'exchange_clearing', case side when 'BUY' then -quantity else quantity end from fill
     union all select scrape_txn_id, quote_of(product), 'available', -scraped from fill where scraped > 0
     union all select scrape_txn_id, quote_of(product), 'scraped', scraped from fill where scraped > 0
   ), journal as (
     select e.txn_id, e.asset, a.kind, e.amount from entry e join account a using (account_id) join txn t using (txn_id) where t.kind in ('fill', 'scrape')
   )
   select format('txn %s: %s %s is %s, its fill says %s', txn_id, asset, kind, as_text(coalesce(j.amount, 0)), as_text(coalesce(x.amount, 0))) as value
   from (select * from expected where amount <> 0) as x full join journal j using (txn_id, asset, kind)
   where coalesce(x.amount, 0) <> coalesce(j.amount, 0)`,

  // A position's quantity, profit and cost follow from its fills: cost + entry fees = bought - sold + realized.
  `with traded as (
     select run_id, book, product, count(*) as fills, sum(realized_pnl) as realized,
       sum(case side when 'BUY' then quantity else -quantity end) as quantity,
       sum(case side when 'BUY' then notional + fee else fee - notional end) as spent
     from fill group by run_id, book, product
   )
   select format('position of %s in run %s is %s, cost %s, profit %s, version %s; its fills say %s, %s, %s, %s', product, run_id, as_text(p.quantity),
     as_text(p.cost_basis + p.entry_fees), as_text(p.realized_pnl), p.version, as_text(t.quantity), as_text(t.spent + t.realized), as_text(t.realized), t.fills) as value
   from positions p full join traded t using (run_id, book, product)
   where (p.quantity, p.realized_pnl, p.cost_basis + p.entry_fees, p.version) is distinct from (t.quantity, t.realized, t.spent + t.realized, t.fills)`,

  `select format('order %s: filled %s for %s and fee %s, its fills say %s for %s and %s', order_id, as_text(filled_quantity), as_text(filled_notional),
     as_text(o.fee), as_text(coalesce(quantity_sum, 0)), as_text(coalesce(notional_sum, 0)), as_text(coalesce(fee_sum, 0))) as value
   from orders o left join (
     select order_id, sum(quantity) as quantity_sum, sum(notional) as notional_sum, sum(fee) as fee_sum from fill group by order_id
   ) as f using (order_id)
   where (o.filled_quantity, o.filled_notional, o.fee) is distinct from (coalesce(quantity_sum, 0), coalesce(notional_sum, 0), coalesce(fee_sum, 0))`,

  `select format('order %s is %s and its hold is %s', order_id, o.state, coalesce(h.state, 'missing')) as value
   from orders o left join hold h using (order_id)
   where (is_terminal(o.state) and h.state = 'open')
      or (not is_terminal(o.state) and o.state not in ('ARMED', 'PROPOSED') and o.book = 'paper' and h.state is distinct from 'open')`,

  `select format('fill %s differs from what the paper venue executed', fill_id) as value from fill f join paper_fill p using (fill_id)
   where (f.order_id, f.trade_id, f.side, f.quantity, f.price, f.notional, f.fee) is distinct from
         (p.order_id, p.trade_id, p.side, p.quantity, p.price, p.notional, p.fee)`,
]
