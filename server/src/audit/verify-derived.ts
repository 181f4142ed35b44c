import type { Database } from '../database/pool.ts'
import type { Findings } from './findings.ts'
import { scan } from './scan.ts'

/** What no record covers must follow from what they cover: balances from entries, held from holds, spending from fills. */
export async function verifyDerived(db: Database, findings: Findings): Promise<void> {
  for (const { kind, sql } of checks) {
    for await (const rows of scan<{ id: string; why: string }>(db, sql)) rows.forEach(({ id, why }) => findings.add({ kind, id, why }))
  }
}

const checks: readonly { readonly kind: string; readonly sql: string }[] = [
  {
    kind: 'account',
    sql: `select account_id::text as id,
        format('posted %s, version %s, held %s; its entries and holds say %s, %s, %s', posted, version, held, total, entries, open) as why
      from account
        cross join lateral (select coalesce(sum(amount), 0) as total, count(*) as entries from entry e where e.account_id = account.account_id) as e
        cross join lateral (select coalesce(sum(amount - consumed), 0) as open from hold h
          where h.account_id = account.account_id and h.state = 'open') as h
      where posted <> total or version <> entries or held <> open order by account_id`,
  },
  {
    // Net spent since the fraction was set last. A fill and a change of the fraction in one millisecond may have come in either order.
    kind: 'wallet',
    sql: `with change as (select wallet_id, max(recorded_at) as at from wallet_audit group by wallet_id),
      spent as (
        select run_id, book, asset, recorded_at, amount from fill cross join lateral (values
          (split_part(product, '-', 2), case side when 'BUY' then notional + fee else fee - notional end),
          (split_part(product, '-', 1), case side when 'BUY' then -quantity else quantity end)) as part (asset, amount)
      )
      select w.wallet_id::text as id, format('net spent %s; its fills say %s', w.net_spent, later) as why
      from wallet w left join change c on c.wallet_id = w.wallet_id
        cross join lateral (
          select coalesce(sum(amount) filter (where c.at is null or s.recorded_at > c.at), 0) as later,
            coalesce(sum(amount) filter (where c.at is null or s.recorded_at >= c.at), 0) as not_before
          from spent s where s.book = w.book and s.asset = w.asset and (w.run_id is null or s.run_id = w.run_id)) as f
      where w.net_spent not in (later, not_before) order by w.wallet_id`,
  },
]
