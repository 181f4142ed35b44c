-- The same promises at a fraction of the cost (docs/performance.md, "Postings per second"). What was slow:
--  * NOTIFY inside a fact's transaction: a notifying transaction holds a lock of the whole server while it commits, so that commits,
--    and their waiting for the disk, came one after the other. The sequencer looks for itself now, a few times a second.
--  * `is not distinct from` finds no index: accounts were searched row by row.
--  * every entry checked the balance of its whole transaction again, and each of a fill's parts was looked up anew.

-- ---- events

drop trigger wakes_sequencer on event;
drop function event_wakes_sequencer();

-- An event is read by its number: until it has one, only the sequencer looks for it.
drop index event_by_correlation, event_by_run, event_by_type;
create index event_by_correlation on event (correlation_id, id) where id is not null;
create index event_by_run on event (run_id, id) where id is not null;
create index event_by_type on event (type, id) where id is not null;
alter table event drop constraint event_id_key, drop constraint event_idem_key_key;
create unique index event_by_id on event (id) where id is not null;
create unique index event_by_idem_key on event (idem_key) where idem_key is not null;

create or replace function append_event(
  p_type text, p_source text, p_book text, p_run_id text, p_correlation_id text, p_market_time bigint, p_payload jsonb, p_idem_key text default null
) returns void language sql as $$
  insert into event (type, source, book, run_id, correlation_id, market_time, payload, idem_key)
  values (p_type, p_source, p_book, p_run_id, p_correlation_id, p_market_time, p_payload, p_idem_key)
  on conflict (idem_key) where idem_key is not null do nothing
$$;

-- Looking costs nothing where there is nothing to number: no lock, no write.
create or replace function sequence_events() returns bigint language plpgsql as $$
declare
  v_last bigint;
  v_count bigint;
begin
  if not exists (select from event where id is null) then return 0; end if;
  select last_id into v_last from event_sequence for no key update;
  with pending as (
    select row_id, v_last + row_number() over (order by row_id) as next_id from event where id is null
  )
  update event set id = pending.next_id from pending where event.row_id = pending.row_id;
  get diagnostics v_count = row_count;
  if v_count > 0 then
    update event_sequence set last_id = v_last + v_count;
    perform pg_notify('event', (v_last + 1) || '-' || (v_last + v_count));
  end if;
  return v_count;
end $$;

-- ---- accounts

-- Rows that change often keep room on their page: a change then touches no index.
alter table account set (fillfactor = 50);
alter table wallet set (fillfactor = 50);
alter table hold set (fillfactor = 70);
alter table positions set (fillfactor = 70);
alter table orders set (fillfactor = 70);

create or replace function find_account(p_run run, p_asset text, p_kind text) returns bigint language plpgsql stable as $$
declare v_id bigint;
begin
  if p_run.book = 'live' then
    select account_id into v_id from account where book = 'live' and run_id is null and asset = p_asset and kind = p_kind;
  else
    select account_id into v_id from account where book = p_run.book and run_id = p_run.run_id and asset = p_asset and kind = p_kind;
  end if;
  if v_id is null then raise exception 'run % has no % account of %', p_run.run_id, p_kind, p_asset; end if;
  return v_id;
end $$;

-- A run's own accounts: those of the live book belong to no run. Each half is an index scan, and only one of them runs.
create function accounts_of(p_book text, p_run_id text) returns setof account language sql stable as $$
  select * from account where p_run_id is not null and book = p_book and run_id = p_run_id
  union all select * from account where p_run_id is null and book = p_book and run_id is null
$$;

create or replace function balances_json(p_run run) returns jsonb language plpgsql stable as $$
declare v_balances jsonb;
begin
  select coalesce(jsonb_object_agg(asset, jsonb_build_object('posted', posted, 'held', held, 'scraped', scraped, 'fees', fees)), '{}') into v_balances
  from (
    select asset, as_text(sum(posted) filter (where kind = 'available')) as posted, as_text(sum(held) filter (where kind = 'available')) as held,
      as_text(sum(posted) filter (where kind = 'scraped')) as scraped, as_text(sum(posted) filter (where kind = 'fees')) as fees
    from accounts_of(p_run.book, account_run(p_run)) where kind in ('available', 'scraped', 'fees')
    group by asset
  ) as by_asset;
  return v_balances;
end $$;

-- Only a change past the entries and holds, or of what an account is, needs to be looked at.
drop trigger is_derived on account;
create trigger is_derived before insert on account for each row execute function account_is_derived();
create trigger is_still_derived before update on account for each row
when (pg_trigger_depth() = 0
  or (new.asset, new.kind, new.book, new.run_id, new.wallet_id) is distinct from (old.asset, old.kind, old.book, old.run_id, old.wallet_id))
execute function account_is_derived();

-- ---- journal

-- A transaction says how many entries it has, so one check at its end is enough: when all are there and balance, no other can join.
alter table txn add column legs smallint check (legs >= 2);
alter table txn disable trigger append_only_row;
update txn set legs = (select count(*) from entry where entry.txn_id = txn.txn_id);
alter table txn enable trigger append_only_row;
alter table txn alter column legs set not null;
alter table txn drop constraint txn_reverses_txn_id_key;
create unique index txn_reversed_once on txn (reverses_txn_id) where reverses_txn_id is not null;

create function refuse_entry(p_entry entry) returns void language plpgsql as $$
declare v_txn txn;
begin
  select * into v_txn from txn where txn_id = p_entry.txn_id;
  if v_txn.written_by <> pg_current_xact_id() then
    raise exception 'txn % is closed: an entry can only join the transaction that made it', p_entry.txn_id using errcode = 'restrict_violation';
  end if;
  if p_entry.seq > v_txn.legs then
    raise exception 'txn % has % entries: entry % cannot join', p_entry.txn_id, v_txn.legs, p_entry.seq using errcode = 'restrict_violation';
  end if;
  raise exception 'entry % of txn % has no transaction or no account %', p_entry.seq, p_entry.txn_id, p_entry.account_id using errcode = 'foreign_key_violation';
end $$;

-- I5, I6: balances and versions change only by an entry, so posted is the sum of entries by construction.
create or replace function entry_posts() returns trigger language plpgsql as $$
declare v_asset text;
begin
  update account set posted = posted + new.amount, version = version + 1
  where account_id = new.account_id
    and exists (select from txn where txn_id = new.txn_id and written_by = pg_current_xact_id() and new.seq <= legs)
  returning posted, version, asset into new.balance_after, new.account_version, v_asset;
  if not found then perform refuse_entry(new); end if;
  new.asset := coalesce(new.asset, v_asset);
  return new;
end $$;

-- I1: at COMMIT the entries of a transaction are as many as it says and sum to zero in every asset. Checked once, even if early: seq
-- is unique and at most `legs`, so nothing can be added after.
drop trigger balances on entry;
create or replace function txn_balances() returns trigger language plpgsql as $$
declare
  v_bad text;
  v_count bigint;
begin
  select string_agg(format('%s %s', as_text(total), asset), ', ') filter (where total <> 0), coalesce(sum(entries), 0) into v_bad, v_count
  from (select asset, sum(amount) as total, count(*) as entries from entry where txn_id = new.txn_id group by asset) as sums;
  if v_bad is not null then
    raise exception 'txn % does not balance: left over %', new.txn_id, v_bad using errcode = 'integrity_constraint_violation';
  end if;
  if v_count <> new.legs then
    raise exception 'txn % needs % entries, it has %', new.txn_id, new.legs, v_count using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;

-- Posts amounts to accounts, once per key: the same key with the same legs is the same transaction. Legs of amount zero are left out.
-- The caller holds the accounts' locks, or names them in the order of their ids, which is the order of locking.
create function post_legs(p_run run, p_key text, p_kind text, p_market_time bigint, p_correlation_id text, p_accounts bigint[], p_amounts numeric[])
returns bigint language plpgsql as $$
declare
  v_txn bigint;
  v_stored txn;
  v_accounts bigint[] := p_accounts;
  v_amounts numeric[] := p_amounts;
  v_hash text := encode(sha256(convert_to(p_accounts::text || p_amounts::text, 'UTF8')), 'hex');
begin
  if 0 = any (p_amounts) then
    select array_agg(account_id order by ordinality), array_agg(amount order by ordinality) into v_accounts, v_amounts
    from unnest(p_accounts, p_amounts) with ordinality as leg (account_id, amount) where amount <> 0;
  end if;
  insert into txn (idem_key, body_sha256, kind, run_id, book, market_time, correlation_id, legs)
  values (p_key, v_hash, p_kind, account_run(p_run), p_run.book, p_market_time, p_correlation_id, cardinality(v_accounts))
  on conflict (idem_key) do nothing
  returning txn_id into v_txn;
  if v_txn is null then
    select * into v_stored from txn where idem_key = p_key;
    if v_stored.body_sha256 <> v_hash or v_stored.kind <> p_kind then
      perform refuse('IDEMPOTENCY_CONFLICT', format('key %s was used before for another %s', p_key, v_stored.kind));
    end if;
    return v_stored.txn_id;
  end if;
  insert into entry (txn_id, seq, account_id, amount)
  select v_txn, ordinality, account_id, amount from unnest(v_accounts, v_amounts) with ordinality as leg (account_id, amount);
  return v_txn;
end $$;

-- The same for legs as JSON, in any order.
create or replace function post_txn(p_run run, p_key text, p_kind text, p_market_time bigint, p_correlation_id text, p_legs jsonb) returns bigint
language sql as $$
  select post_legs(p_run, p_key, p_kind, p_market_time, p_correlation_id, array_agg(account order by account), array_agg(amount order by account))
  from jsonb_to_recordset(p_legs) as leg (account bigint, amount numeric)
$$;

-- ---- fills

-- What a fill of a product touches.
create type fill_accounts as (
  cash bigint, cash_wallet bigint, fees bigint, scraped bigint, cash_clearing bigint, holdings bigint, holdings_wallet bigint, holdings_clearing bigint
);

-- Locks them in the order of their ids.
create function lock_fill_accounts(p_run run, p_product text) returns fill_accounts language plpgsql as $$
declare
  v fill_accounts;
  v_quote text := quote_of(p_product);
  v_base text := base_of(p_product);
begin
  select
    max(account_id) filter (where asset = v_quote and kind = 'available'), max(wallet_id) filter (where asset = v_quote and kind = 'available'),
    max(account_id) filter (where asset = v_quote and kind = 'fees'), max(account_id) filter (where asset = v_quote and kind = 'scraped'),
    max(account_id) filter (where asset = v_quote and kind = 'exchange_clearing'),
    max(account_id) filter (where asset = v_base and kind = 'available'), max(wallet_id) filter (where asset = v_base and kind = 'available'),
    max(account_id) filter (where asset = v_base and kind = 'exchange_clearing')
  into v
  from (
    select account_id, wallet_id, asset, kind from account
    where account_id = any (array(select account_id from accounts_of(p_run.book, account_run(p_run))
      where asset = v_quote and kind in ('available', 'fees', 'scraped', 'exchange_clearing')
        or asset = v_base and kind in ('available', 'exchange_clearing')))
    order by account_id for no key update
  ) as locked;
  if v is not null then return v; end if;
  raise exception 'run % lacks accounts for fills of %: %', p_run.run_id, p_product, v;
end $$;

-- Consumes pro rata to the quantity filled, or what the fill really took where that is more; all of it when the order is full.
create or replace function consume_hold(p_order orders, p_taken numeric) returns void language plpgsql as $$
begin
  if p_order.state = 'FILLED' then
    update hold set consumed = amount, state = 'consumed', closed_at = now_ms() where order_id = p_order.order_id and state = 'open';
  else
    update hold set consumed = least(amount, greatest(trunc(amount * p_order.filled_quantity / p_order.quantity, 8), consumed + p_taken))
    where order_id = p_order.order_id and state = 'open';
  end if;
end $$;

-- Five legs, each asset summing to zero. A BUY: clearing +notional, wallet -(notional + fee), fees +fee; clearing -q, wallet +q.
create function post_fill(p_run run, p_fill fill, p_accounts fill_accounts) returns bigint language plpgsql as $$
declare v_sign int := case p_fill.side when 'BUY' then 1 else -1 end;
begin
  return post_legs(p_run, 'fill:' || p_fill.fill_id, 'fill', p_fill.market_time, p_fill.correlation_id,
    array[p_accounts.cash_clearing, p_accounts.cash, p_accounts.fees, p_accounts.holdings_clearing, p_accounts.holdings],
    array[v_sign * p_fill.notional, -v_sign * p_fill.notional - p_fill.fee, p_fill.fee, -v_sign * p_fill.quantity, v_sign * p_fill.quantity]);
end $$;

create function post_scrape(p_run run, p_fill fill, p_accounts fill_accounts) returns bigint language plpgsql as $$
begin
  if p_fill.scraped = 0 then return null; end if;
  return post_legs(p_run, 'scrape:' || p_fill.fill_id, 'scrape', p_fill.market_time, p_fill.correlation_id,
    array[p_accounts.cash, p_accounts.scraped], array[-p_fill.scraped, p_fill.scraped]);
end $$;

create function count_spending(p_fill fill, p_accounts fill_accounts) returns void language plpgsql as $$
declare v_sign int := case p_fill.side when 'BUY' then 1 else -1 end;
begin
  update wallet set updated_at = now_ms(), net_spent = net_spent + case wallet_id
    when p_accounts.cash_wallet then v_sign * p_fill.notional + p_fill.fee else -v_sign * p_fill.quantity end
  where wallet_id in (p_accounts.cash_wallet, p_accounts.holdings_wallet);
end $$;

drop function fill_events(run, fill, orders, positions);
create function fill_events(p_fill fill, p_order orders, p_position positions, p_balances jsonb) returns void language plpgsql as $$
begin
  insert into event (type, source, book, run_id, correlation_id, market_time, payload) values
    ('fill', 'execution_ledger', p_fill.book, p_fill.run_id, p_fill.correlation_id, p_fill.market_time, fill_json(p_fill)),
    ('order_updated', 'execution_ledger', p_order.book, p_order.run_id, p_order.correlation_id, p_fill.market_time, order_json(p_order)),
    ('position_update', 'execution_ledger', p_fill.book, p_fill.run_id, p_fill.correlation_id, p_fill.market_time,
      position_json(p_position) || jsonb_build_object('balances', p_balances));
  if p_fill.scraped > 0 then
    perform append_event('profit_scraped', 'execution_ledger', p_fill.book, p_fill.run_id, p_fill.correlation_id, p_fill.market_time,
      jsonb_build_object('fill_id', p_fill.fill_id, 'product', p_fill.product, 'realized_pnl', as_text(p_fill.realized_pnl),
        'scraped', as_text(p_fill.scraped), 'scrape_fraction', as_text(p_fill.scrape_fraction)));
  end if;
end $$;

-- The venue's fact decides whether two calls are the same; what was computed from it may differ after a reload.
create function is_same_fill(p_stored fill, p_fill fill) returns boolean language sql immutable as $$
  select (p_stored.fill_id, p_stored.order_id, p_stored.trade_id, p_stored.run_id, p_stored.product, p_stored.side, p_stored.quantity,
      p_stored.price, p_stored.notional, p_stored.fee, p_stored.liquidity, p_stored.market_time)
    is not distinct from (p_fill.fill_id, p_fill.order_id, p_fill.trade_id, p_fill.run_id, p_fill.product, p_fill.side, p_fill.quantity,
      p_fill.price, p_fill.notional, p_fill.fee, p_fill.liquidity, p_fill.market_time)
$$;

-- Books a fill once. The order's lock serialises its fills, and the fill's own row is the proof that it was booked; everything that may
-- refuse is checked before anything is written.
create or replace function record_fill(p jsonb) returns jsonb language plpgsql as $$
declare
  v_run run := find_run(p ->> 'run_id');
  v_fill fill := jsonb_populate_record(null::fill, (p -> 'fill') || (p - array['fill', 'position']));
  v_order orders;
  v_stored fill;
  v_before positions;
  v_after positions := jsonb_populate_record(null::positions, p -> 'position');
  v_accounts fill_accounts;
  v_balances jsonb;
begin
  select * into v_order from orders where order_id = v_fill.order_id for no key update;
  if v_order.order_id is null or (v_order.run_id, v_order.product, v_order.side) is distinct from (v_fill.run_id, v_fill.product, v_fill.side)
     or v_fill.book <> v_run.book or v_after.product <> v_fill.product then
    raise exception 'fill % to % % does not belong to order % of run %', v_fill.fill_id, v_fill.side, v_fill.product, v_fill.order_id, v_run.run_id;
  end if;
  select * into v_stored from fill where fill_id = v_fill.fill_id or (order_id = v_fill.order_id and trade_id = v_fill.trade_id);
  if found then
    if is_same_fill(v_stored, v_fill) then return jsonb_build_object('ok', true, 'exists', true, 'balances', balances_json(v_run)); end if;
    return jsonb_build_object('ok', false, 'reason', 'IDEMPOTENCY_CONFLICT', 'detail',
      format('trade %s of order %s was used before for another fill, %s', v_stored.trade_id, v_stored.order_id, v_stored.fill_id));
  end if;
  -- Positions of one product are serialised even before their first row.
  perform pg_advisory_xact_lock(hashtextextended(format('position:%s:%s', v_run.run_id, v_fill.product), 0));
  select * into v_before from positions where run_id = v_run.run_id and book = v_run.book and product = v_fill.product for no key update;
  if v_after.version <> coalesce(v_before.version, 0) + 1 then
    return jsonb_build_object('ok', false, 'reason', 'VERSION_MISMATCH', 'detail', format('position of %s has version %s, the fill leads to %s',
      v_fill.product, coalesce(v_before.version, 0), v_after.version), 'stored_version', coalesce(v_before.version, 0));
  end if;
  perform check_notional(v_fill);
  perform check_position(v_fill, v_before, v_after);

  v_order.filled_quantity := v_order.filled_quantity + v_fill.quantity;
  update orders set filled_quantity = v_order.filled_quantity, filled_notional = filled_notional + v_fill.notional, fee = fee + v_fill.fee,
    state = state_after_fill(v_order, p ->> 'order_state'), updated_at = v_fill.market_time
  where order_id = v_order.order_id returning * into v_order;
  v_accounts := lock_fill_accounts(v_run, v_fill.product);
  perform consume_hold(v_order, case v_fill.side when 'BUY' then v_fill.notional + v_fill.fee else v_fill.quantity end);
  v_fill.txn_id := post_fill(v_run, v_fill, v_accounts);
  v_fill.scrape_txn_id := post_scrape(v_run, v_fill, v_accounts);
  perform count_spending(v_fill, v_accounts);
  v_fill.position_quantity_after := v_after.quantity;
  v_fill.position_version := v_after.version;
  v_fill.recorded_at := now_ms();
  insert into fill select v_fill.*;
  insert into positions (run_id, book, product, quantity, cost_basis, entry_fees, average_price, realized_pnl, version)
  values (v_fill.run_id, v_fill.book, v_fill.product, v_after.quantity, v_after.cost_basis, v_after.entry_fees, v_after.average_price,
    v_after.realized_pnl, v_after.version)
  on conflict (run_id, book, product) do update set quantity = excluded.quantity, cost_basis = excluded.cost_basis,
    entry_fees = excluded.entry_fees, average_price = excluded.average_price, realized_pnl = excluded.realized_pnl,
    version = excluded.version, updated_at = now_ms();
  v_balances := balances_json(v_run);
  perform fill_events(v_fill, v_order, v_after, v_balances);
  return jsonb_build_object('ok', true, 'exists', false, 'balances', v_balances);
end $$;

drop function apply_record_fill(jsonb), post_fill_txn(run, fill), post_scrape_txn(run, fill), count_spending(run, fill),
  store_position(fill, positions);
