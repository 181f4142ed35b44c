-- One function per use-case. Locks are taken in one order: flag, orders, position, accounts (by id), wallet.

-- Live accounts outlive a run (run_id null); every other book's belong to one.
create function account_run(p_run run) returns text language sql immutable as $$
  select case when p_run.book = 'live' then null else p_run.run_id end
$$;

create function find_account(p_run run, p_asset text, p_kind text) returns bigint language plpgsql stable as $$
declare v_id bigint;
begin
  select account_id into v_id from account
  where book = p_run.book and run_id is not distinct from account_run(p_run) and asset = p_asset and kind = p_kind;
  if v_id is null then raise exception 'run % has no % account of %', p_run.run_id, p_kind, p_asset; end if;
  return v_id;
end $$;

create function find_run(p_run_id text) returns run language plpgsql stable as $$
declare v_run run;
begin
  select * into v_run from run where run_id = p_run_id;
  if v_run.run_id is null then raise exception 'run % does not exist', p_run_id; end if;
  return v_run;
end $$;

create function lock_accounts(p_accounts bigint[]) returns void language plpgsql as $$
begin
  perform from account where account_id = any (p_accounts) order by account_id for no key update;
end $$;

-- Shared with every reader, so that a halt waits for reserves under way and later ones see it.
create function lock_flag(p_book text) returns text language plpgsql as $$
declare v_state text;
begin
  select state into v_state from trading_flag where book = p_book for share;
  return coalesce(v_state, 'active');
end $$;

create function refuse_by_flag(p_book text, p_side text, p_extra jsonb default '{}') returns void language plpgsql as $$
declare v_flag text := lock_flag(p_book);
begin
  if v_flag = 'halted' then perform refuse('TRADING_HALTED', format('trading of book %s is halted', p_book), p_extra); end if;
  if v_flag = 'paused' and p_side = 'BUY' then perform refuse('TRADING_PAUSED', format('book %s takes no new entries while paused', p_book), p_extra); end if;
end $$;

create function balances_json(p_run run) returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg(asset, jsonb_build_object('posted', posted, 'held', held, 'scraped', scraped, 'fees', fees)), '{}')
  from (
    select asset, as_text(sum(posted) filter (where kind = 'available')) as posted, as_text(sum(held) filter (where kind = 'available')) as held,
      as_text(sum(posted) filter (where kind = 'scraped')) as scraped, as_text(sum(posted) filter (where kind = 'fees')) as fees
    from account
    where book = p_run.book and run_id is not distinct from account_run(p_run) and kind in ('available', 'scraped', 'fees')
    group by asset
  ) as by_asset
$$;

-- Legs of amount zero are left out; entries are written, and accounts locked, in the order of account ids.
create function post_txn(p_run run, p_key text, p_kind text, p_market_time bigint, p_correlation_id text, p_legs jsonb) returns bigint
language plpgsql as $$
declare v_txn bigint;
begin
  insert into txn (idem_key, body_sha256, kind, run_id, book, market_time, correlation_id)
  values (p_key, body_hash(p_legs), p_kind, account_run(p_run), p_run.book, p_market_time, p_correlation_id)
  returning txn_id into v_txn;
  insert into entry (txn_id, seq, account_id, asset, amount)
  select v_txn, row_number() over (order by account_id), account_id, asset, leg.amount
  from (
    select (value ->> 'account')::bigint as account_id, (value ->> 'amount')::numeric as amount from jsonb_array_elements(p_legs)
  ) as leg join account using (account_id)
  where leg.amount <> 0
  order by account_id;
  return v_txn;
end $$;

create function leg(p_account bigint, p_amount numeric) returns jsonb language sql immutable as $$
  select jsonb_build_object('account', p_account, 'amount', as_text(p_amount))
$$;

-- ---- runs

create function create_wallet(p_run run, p_asset text, p_fraction numeric) returns void language plpgsql as $$
declare v_wallet bigint;
begin
  insert into asset (asset) values (p_asset) on conflict do nothing;
  insert into wallet (name, run_id, book, asset, tradeable_fraction)
  values (p_run.book || '-' || p_asset, account_run(p_run), p_run.book, p_asset, p_fraction)
  on conflict do nothing returning wallet_id into v_wallet;
  if v_wallet is null then return; end if;
  insert into account (wallet_id, run_id, book, asset, kind, min_available)
  select v_wallet, account_run(p_run), p_run.book, p_asset, kind, 0 from unnest(array['available', 'scraped']) as kind;
  insert into account (run_id, book, asset, kind)
  select account_run(p_run), p_run.book, p_asset, kind
  from unnest(array['fees', 'exchange_clearing', 'equity', 'suspense', 'external', 'rounding']) as kind;
end $$;

-- Resumes the open run of the same identity, else opens a new one with its wallets and, but for live, its starting cash in the first quote currency.
create function open_run(p jsonb) returns jsonb language plpgsql as $$
declare
  v_identity jsonb := p -> 'identity';
  v_hash text := body_hash(v_identity);
  v_run run;
  v_products text[] := array(select jsonb_array_elements_text(v_identity -> 'products'));
  v_cash numeric := (p ->> 'starting_cash')::numeric;
  v_quote text := quote_of(v_products[1]);
  v_asset text;
begin
  perform pg_advisory_xact_lock(hashtextextended('run:' || v_hash, 0));
  select * into v_run from run where identity_sha256 = v_hash and status = 'open';
  if found then return jsonb_build_object('resumed', true, 'run', run_json(v_run)); end if;

  insert into run (run_id, market, file_hashes, products, seed, book, identity_sha256)
  values (p ->> 'run_id', v_identity ->> 'market', array(select jsonb_array_elements_text(v_identity -> 'file_hashes')), v_products,
    (v_identity ->> 'seed')::bigint, v_identity ->> 'book', v_hash)
  returning * into v_run;
  insert into trading_flag (book) values (v_run.book) on conflict do nothing;
  for v_asset in
    select distinct asset from (
      select base_of(product) as asset from unnest(v_products) as product union all select quote_of(product) from unnest(v_products) as product
    ) as assets order by asset
  loop
    -- Live money trades only after its owner has said which part of it may.
    perform create_wallet(v_run, v_asset, case when v_run.book = 'live' then 0 else 1 end);
  end loop;
  if v_run.book <> 'live' and v_cash > 0 then
    perform post_txn(v_run, 'seed:' || v_run.run_id, 'seed', (p ->> 'market_time')::bigint, null, jsonb_build_array(
      leg(find_account(v_run, v_quote, 'equity'), -v_cash), leg(find_account(v_run, v_quote, 'available'), v_cash)));
  end if;
  perform append_event('run_started', 'stack', v_run.book, v_run.run_id, null, (p ->> 'market_time')::bigint, run_json(v_run));
  return jsonb_build_object('resumed', false, 'run', run_json(v_run));
end $$;

create function finish_run(p jsonb) returns jsonb language plpgsql as $$
declare v_run run;
begin
  update run set status = 'finished', finished_at = now_ms() where run_id = p ->> 'run_id' and status = 'open' returning * into v_run;
  if found then
    perform append_event('run_finished', 'stack', v_run.book, v_run.run_id, null, (p ->> 'market_time')::bigint, run_json(v_run));
  end if;
  return run_json(find_run(p ->> 'run_id'));
end $$;

-- ---- reserve

create function open_hold(p_run run, p_order orders, p_account bigint, p_amount numeric) returns void language sql as $$
  insert into hold (idem_key, order_id, account_id, amount) values ('hold:' || p_order.order_id, p_order.order_id, p_account, p_amount)
$$;

create function order_event(p_type text, p_order orders, p_market_time bigint) returns void language sql as $$
  select append_event(p_type, 'execution_ledger', p_order.book, p_order.run_id, p_order.correlation_id, p_market_time, order_json(p_order))
$$;

-- Funds, then the fraction, under the account's lock.
create function refuse_unfunded(p_order orders, p_account bigint, p_amount numeric, p_extra jsonb) returns void language plpgsql as $$
declare
  v_account account;
  v_wallet wallet;
  v_tradeable numeric;
begin
  select * into v_account from account where account_id = p_account;
  select * into v_wallet from wallet where wallet_id = v_account.wallet_id;
  v_tradeable := tradeable(v_wallet.tradeable_fraction, v_account.posted, v_account.held, v_wallet.net_spent);
  if p_amount > v_account.posted - v_account.held then
    perform refuse(case p_order.side when 'BUY' then 'INSUFFICIENT_CASH' else 'INSUFFICIENT_HOLDINGS' end,
      format('order %s needs %s %s, available are %s', p_order.order_id, as_text(p_amount), v_account.asset, as_text(v_account.posted - v_account.held)), p_extra);
  elsif p_amount > v_tradeable then
    perform refuse('TRADEABLE_FRACTION', format('order %s needs %s %s, the fraction %s leaves %s', p_order.order_id, as_text(p_amount),
      v_account.asset, as_text(v_wallet.tradeable_fraction), as_text(v_tradeable)), p_extra);
  end if;
end $$;

create function hold_asset(p_order orders) returns text language sql immutable as $$
  select case p_order.side when 'BUY' then quote_of(p_order.product) else base_of(p_order.product) end
$$;

create function reserve_one(p_run run, p_item jsonb, p_market_time bigint, p_extra jsonb) returns void language plpgsql as $$
declare
  v_order orders := jsonb_populate_record(null::orders, p_item -> 'order');
  v_amount numeric := (p_item #>> '{hold,amount}')::numeric;
  v_account bigint := find_account(p_run, hold_asset(v_order), 'available');
begin
  if v_order.run_id <> p_run.run_id or v_order.book <> p_run.book then
    raise exception 'order % is of run % and book %, the batch of % and %', v_order.order_id, v_order.run_id, v_order.book, p_run.run_id, p_run.book;
  end if;
  if v_order.state not in ('RESERVED', 'ARMED') or (v_order.state = 'RESERVED') <> (v_amount is not null) or v_order.filled_quantity <> 0 then
    raise exception 'order % cannot be reserved as % with a hold of %', v_order.order_id, v_order.state, coalesce(as_text(v_amount), 'nothing');
  end if;
  if v_amount is not null and (p_item #>> '{hold,asset}' <> hold_asset(v_order) or (v_order.side = 'SELL' and v_amount <> v_order.quantity)) then
    raise exception 'order % to % % % cannot hold % %', v_order.order_id, v_order.side, as_text(v_order.quantity), v_order.product,
      as_text(v_amount), p_item #>> '{hold,asset}';
  end if;
  if exists (select from orders where order_id = v_order.order_id or workflow_id = v_order.workflow_id) then
    perform refuse('IDEMPOTENCY_CONFLICT', format('order %s exists already', v_order.order_id), p_extra);
  end if;
  if not v_order.product = any (p_run.products) then
    perform refuse('UNKNOWN_PRODUCT', format('run %s does not trade %s', p_run.run_id, v_order.product), p_extra);
  end if;
  if v_order.state = 'RESERVED' then
    perform refuse_by_flag(p_run.book, v_order.side, p_extra);
    if exists (select from orders where run_id = p_run.run_id and product = v_order.product and state in ('UNKNOWN', 'CONFLICT')) then
      perform refuse('UNRESOLVED_ORDER', format('an order of %s is unresolved', v_order.product), p_extra);
    end if;
    perform refuse_unfunded(v_order, v_account, v_amount, p_extra);
  end if;

  insert into orders (order_id, workflow_id, run_id, book, origin, leg, correlation_id, product, side, type, time_in_force, quantity,
    limit_price, stop_price, take_profit, expected_edge_bps, parent_order_id, state, state_reason, market_time, expires_at)
  values (v_order.order_id, v_order.workflow_id, v_order.run_id, v_order.book, v_order.origin, v_order.leg, v_order.correlation_id,
    v_order.product, v_order.side, v_order.type, v_order.time_in_force, v_order.quantity, v_order.limit_price, v_order.stop_price,
    v_order.take_profit, v_order.expected_edge_bps, v_order.parent_order_id, v_order.state, v_order.state_reason, v_order.market_time,
    v_order.expires_at)
  returning * into v_order;
  insert into intent (order_id, body, body_sha256, guard, limits, expires_at)
  values (v_order.order_id, p_item -> 'order', p_item ->> 'body_sha256', coalesce(p_item -> 'guard', '{}'), coalesce(p_item -> 'limits', '{}'),
    v_order.expires_at);
  if v_amount is not null then perform open_hold(p_run, v_order, v_account, v_amount); end if;
  perform order_event('order_submitted', v_order, p_market_time);
end $$;

create function apply_reserve_orders(p jsonb) returns jsonb language plpgsql as $$
declare
  v_run run;
  v_item record;
begin
  perform lock_flag(p ->> 'book');
  select * into v_run from run where run_id = p ->> 'run_id' for key share;
  if v_run.run_id is null or v_run.book <> p ->> 'book' then raise exception 'run % of book % does not exist', p ->> 'run_id', p ->> 'book'; end if;
  if v_run.status <> 'open' then perform refuse('INVALID_ORDER', format('run %s is finished', v_run.run_id)); end if;
  perform refuse_by_flag(v_run.book, 'SELL');
  perform lock_accounts(array(
    select find_account(v_run, value #>> '{hold,asset}', 'available') from jsonb_array_elements(p -> 'orders') where value -> 'hold' <> 'null'));
  for v_item in select value, ordinality - 1 as index from jsonb_array_elements(p -> 'orders') with ordinality loop
    perform reserve_one(v_run, v_item.value, (p ->> 'market_time')::bigint, jsonb_build_object('index', v_item.index));
  end loop;
  return jsonb_build_object('ok', true);
end $$;

-- The answer is read after the call, so that a repeated call answers with the present.
create function reserve_orders(p jsonb) returns jsonb language plpgsql as $$
declare v_result jsonb := once('reserve_orders', 'reserve:' || (p ->> 'batch_id'), p, p);
begin
  if not (v_result ->> 'ok')::boolean then return v_result; end if;
  return v_result || jsonb_build_object('balances', balances_json(find_run(p ->> 'run_id')), 'orders', (
    select jsonb_agg(order_json(o) order by item.ordinality)
    from jsonb_array_elements(p -> 'orders') with ordinality as item
    join orders o on o.order_id = (item.value #>> '{order,order_id}')::uuid));
end $$;

-- A triggered stop or take-profit: holds what is left to sell, at most its quantity, and cancels its siblings.
create function apply_reserve_armed(p jsonb) returns jsonb language plpgsql as $$
declare
  v_run run := find_run(p ->> 'run_id');
  v_order orders;
  v_sibling orders;
  v_account account;
  v_wallet wallet;
  v_quantity numeric;
begin
  perform refuse_by_flag(v_run.book, 'SELL');
  select * into v_order from orders where order_id = (p ->> 'order_id')::uuid;
  perform from orders where order_id = v_order.order_id or parent_order_id = v_order.parent_order_id order by order_id for no key update;
  select * into v_order from orders where order_id = v_order.order_id;
  if v_order.order_id is null or v_order.run_id <> v_run.run_id then
    raise exception 'run % has no order %', v_run.run_id, p ->> 'order_id';
  end if;
  if v_order.state <> 'ARMED' then
    perform refuse('DUPLICATE_INTENT', format('order %s is %s, only an ARMED one can be triggered', v_order.order_id, v_order.state));
  end if;
  perform lock_accounts(array[find_account(v_run, base_of(v_order.product), 'available')]);
  select * into v_account from account where account_id = find_account(v_run, base_of(v_order.product), 'available');
  select * into v_wallet from wallet where wallet_id = v_account.wallet_id;
  v_quantity := least(v_order.quantity, trunc(tradeable(v_wallet.tradeable_fraction, v_account.posted, v_account.held, v_wallet.net_spent), 8));
  if v_quantity <= 0 then
    perform refuse('INSUFFICIENT_HOLDINGS', format('no %s is left for order %s to sell', v_account.asset, v_order.order_id));
  end if;
  update orders set state = 'RESERVED', quantity = v_quantity where order_id = v_order.order_id returning * into v_order;
  perform open_hold(v_run, v_order, v_account.account_id, v_quantity);
  perform order_event('order_updated', v_order, (p ->> 'market_time')::bigint);
  for v_sibling in
    update orders set state = 'CANCELLED', state_reason = format('the other exit %s was triggered', v_order.order_id)
    where parent_order_id = v_order.parent_order_id and order_id <> v_order.order_id and state = 'ARMED'
    returning *
  loop
    perform order_event('order_updated', v_sibling, (p ->> 'market_time')::bigint);
  end loop;
  return jsonb_build_object('ok', true);
end $$;

create function reserve_armed(p jsonb) returns jsonb language plpgsql as $$
declare v_result jsonb := once('reserve_armed', 'trigger:' || (p ->> 'order_id'), p - 'market_time', p);
begin
  if not (v_result ->> 'ok')::boolean then return v_result; end if;
  return v_result || jsonb_build_object('balances', balances_json(find_run(p ->> 'run_id')), 'orders', (
    select jsonb_agg(order_json(o)) from orders o where o.order_id = (p ->> 'order_id')::uuid));
end $$;

-- ---- moves

-- A move that leaves funds alone, if the order still is where the caller thinks. SENT is the last gate before the wire:
-- it reads the flag and counts the attempt under the caller's epoch.
create function move_order(p jsonb) returns jsonb language plpgsql as $$
declare
  v_order orders;
  v_to text := p ->> 'to';
  v_epoch bigint := coalesce((p ->> 'epoch')::bigint, 0);
  v_flag text;
begin
  if is_terminal(v_to) then raise exception 'order % ends by release_order, not by a move to %', p ->> 'order_id', v_to; end if;
  select book into v_order.book from orders where order_id = (p ->> 'order_id')::uuid;
  v_flag := lock_flag(v_order.book);
  select * into v_order from orders where order_id = (p ->> 'order_id')::uuid for no key update;
  if not found then raise exception 'order % does not exist', p ->> 'order_id'; end if;
  if v_order.state = v_to then return jsonb_build_object('ok', true, 'order', order_json(v_order)); end if;
  if v_order.state <> p ->> 'from' then
    return jsonb_build_object('ok', false, 'reason', 'STATE_MISMATCH', 'state', v_order.state,
      'detail', format('order %s is %s, not %s', v_order.order_id, v_order.state, p ->> 'from'));
  end if;
  if v_to = 'SENT' and (v_flag = 'halted' or (v_flag = 'paused' and v_order.side = 'BUY')) then
    return jsonb_build_object('ok', false, 'reason', case v_flag when 'halted' then 'TRADING_HALTED' else 'TRADING_PAUSED' end,
      'state', v_order.state, 'detail', format('order %s may not be sent while trading is %s', v_order.order_id, v_flag));
  end if;
  if v_to = 'SENT' then
    update intent set attempts = attempts + 1, epoch = v_epoch, sent_at = now_ms() where order_id = v_order.order_id and epoch <= v_epoch;
    if not found then
      return jsonb_build_object('ok', false, 'reason', 'STATE_MISMATCH', 'state', v_order.state,
        'detail', format('order %s belongs to a newer sender than epoch %s', v_order.order_id, v_epoch));
    end if;
  end if;
  update orders set state = v_to, state_reason = p ->> 'reason' where order_id = v_order.order_id returning * into v_order;
  perform order_event('order_updated', v_order, (p ->> 'market_time')::bigint);
  return jsonb_build_object('ok', true, 'order', order_json(v_order));
end $$;

-- Ends an order and returns what is left of its hold, once. News of an order that is over changes nothing.
create function release_order(p jsonb) returns jsonb language plpgsql as $$
declare
  v_run run := find_run(p ->> 'run_id');
  v_order orders;
begin
  if not is_terminal(p ->> 'state') then raise exception 'order % cannot be released into %', p ->> 'order_id', p ->> 'state'; end if;
  select * into v_order from orders where order_id = (p ->> 'order_id')::uuid and run_id = v_run.run_id for no key update;
  if not found then raise exception 'run % has no order %', v_run.run_id, p ->> 'order_id'; end if;
  if not is_terminal(v_order.state) then
    update orders set state = p ->> 'state', state_reason = p ->> 'reason' where order_id = v_order.order_id returning * into v_order;
    perform order_event('order_updated', v_order, (p ->> 'market_time')::bigint);
    update hold set state = 'released', closed_at = now_ms() where order_id = v_order.order_id and state = 'open';
  end if;
  return jsonb_build_object('state', v_order.state, 'balances', balances_json(v_run));
end $$;

-- ---- fills

-- What the fill must have done to the position (core/portfolio/position computes it; this only checks).
create function check_position(p_fill fill, p_before positions, p_after positions) returns void language plpgsql as $$
declare
  v_sign int := case p_fill.side when 'BUY' then 1 else -1 end;
  v_cost numeric := coalesce(p_before.cost_basis, 0) - p_after.cost_basis;
  v_fees numeric := coalesce(p_before.entry_fees, 0) - p_after.entry_fees;
  v_quantity numeric := coalesce(p_before.quantity, 0);
  v_problem text;
begin
  v_problem := case
    when p_after.quantity <> v_quantity + v_sign * p_fill.quantity then 'its quantity is wrong'
    when p_after.realized_pnl <> coalesce(p_before.realized_pnl, 0) + p_fill.realized_pnl then 'its realized profit is wrong'
    when p_fill.side = 'BUY' and (v_cost <> -p_fill.notional or v_fees <> -p_fill.fee) then 'its cost is not that of the purchase'
    when p_fill.side = 'SELL' and p_fill.realized_pnl <> p_fill.notional - p_fill.fee - v_cost - v_fees then 'profit is not proceeds less cost and fees'
    when p_fill.side = 'SELL' and abs(v_cost * v_quantity - p_before.cost_basis * p_fill.quantity) > 0.00000001 * v_quantity
      then 'the cost sold is not its share'
    when p_fill.side = 'SELL' and abs(v_fees * v_quantity - p_before.entry_fees * p_fill.quantity) > 0.00000001 * v_quantity
      then 'the entry fees sold are not their share'
  end;
  if v_problem is not null then
    raise exception 'fill % does not lead to the given position of %: %', p_fill.fill_id, p_fill.product, v_problem;
  end if;
end $$;

-- quantity x price, rounded against us to the ledger's 8 decimals.
create function check_notional(p_fill fill) returns void language plpgsql as $$
declare v_excess numeric := (p_fill.notional - p_fill.quantity * p_fill.price) * case p_fill.side when 'BUY' then 1 else -1 end;
begin
  if v_excess < 0 or v_excess >= 0.00000001 then
    raise exception 'fill % of % at % cannot have notional %', p_fill.fill_id, as_text(p_fill.quantity), as_text(p_fill.price), as_text(p_fill.notional);
  end if;
end $$;

-- Consumes pro rata to the quantity filled, or what the fill really took where that is more; all of it when the order is full.
create function consume_hold(p_order orders, p_taken numeric) returns void language plpgsql as $$
declare
  v_hold hold;
  v_consumed numeric;
begin
  select * into v_hold from hold where order_id = p_order.order_id and state = 'open' for no key update;
  if not found then return; end if;
  v_consumed := least(v_hold.amount, greatest(
    trunc(v_hold.amount * p_order.filled_quantity / p_order.quantity, 8), v_hold.consumed + p_taken));
  if p_order.state = 'FILLED' then
    update hold set consumed = amount, state = 'consumed', closed_at = now_ms() where hold_id = v_hold.hold_id;
  else
    update hold set consumed = v_consumed where hold_id = v_hold.hold_id;
  end if;
end $$;

-- Five legs, each asset summing to zero. A BUY: clearing +notional, wallet -(notional + fee), fees +fee; clearing -q, wallet +q.
create function post_fill_txn(p_run run, p_fill fill) returns bigint language plpgsql as $$
declare
  v_base text := base_of(p_fill.product);
  v_quote text := quote_of(p_fill.product);
  v_sign int := case p_fill.side when 'BUY' then 1 else -1 end;
begin
  return post_txn(p_run, 'fill:' || p_fill.fill_id, 'fill', p_fill.market_time, p_fill.correlation_id, jsonb_build_array(
    leg(find_account(p_run, v_quote, 'exchange_clearing'), v_sign * p_fill.notional),
    leg(find_account(p_run, v_quote, 'available'), -v_sign * p_fill.notional - p_fill.fee),
    leg(find_account(p_run, v_quote, 'fees'), p_fill.fee),
    leg(find_account(p_run, v_base, 'exchange_clearing'), -v_sign * p_fill.quantity),
    leg(find_account(p_run, v_base, 'available'), v_sign * p_fill.quantity)));
end $$;

create function post_scrape_txn(p_run run, p_fill fill) returns bigint language plpgsql as $$
declare v_quote text := quote_of(p_fill.product);
begin
  if p_fill.scraped = 0 then return null; end if;
  return post_txn(p_run, 'scrape:' || p_fill.fill_id, 'scrape', p_fill.market_time, p_fill.correlation_id, jsonb_build_array(
    leg(find_account(p_run, v_quote, 'available'), -p_fill.scraped), leg(find_account(p_run, v_quote, 'scraped'), p_fill.scraped)));
end $$;

create function count_spending(p_run run, p_fill fill) returns void language plpgsql as $$
declare v_sign int := case p_fill.side when 'BUY' then 1 else -1 end;
begin
  update wallet set net_spent = net_spent + v_sign * p_fill.notional + p_fill.fee, updated_at = now_ms()
  where wallet_id = (select wallet_id from account where account_id = find_account(p_run, quote_of(p_fill.product), 'available'));
  update wallet set net_spent = net_spent - v_sign * p_fill.quantity, updated_at = now_ms()
  where wallet_id = (select wallet_id from account where account_id = find_account(p_run, base_of(p_fill.product), 'available'));
end $$;

create function store_position(p_fill fill, p_position positions) returns void language sql as $$
  insert into positions (run_id, book, product, quantity, cost_basis, entry_fees, average_price, realized_pnl, version)
  values (p_fill.run_id, p_fill.book, p_fill.product, p_position.quantity, p_position.cost_basis, p_position.entry_fees,
    p_position.average_price, p_position.realized_pnl, p_position.version)
  on conflict (run_id, book, product) do update set quantity = excluded.quantity, cost_basis = excluded.cost_basis,
    entry_fees = excluded.entry_fees, average_price = excluded.average_price, realized_pnl = excluded.realized_pnl,
    version = excluded.version, updated_at = now_ms()
$$;

-- Money has moved, so an order that is over keeps its state and still counts the fill.
create function state_after_fill(p_order orders, p_reported text) returns text language sql immutable as $$
  select case
    when is_terminal(p_order.state) and p_order.state <> 'PRESUMED_ABSENT' then p_order.state
    when p_reported = 'FILLED' or p_order.filled_quantity >= p_order.quantity then 'FILLED'
    when p_order.state = 'PENDING_CANCEL' then p_order.state
    else 'PARTIAL'
  end
$$;

create function fill_events(p_run run, p_fill fill, p_order orders, p_position positions) returns void language plpgsql as $$
begin
  perform append_event('fill', 'execution_ledger', p_fill.book, p_fill.run_id, p_fill.correlation_id, p_fill.market_time, fill_json(p_fill));
  perform order_event('order_updated', p_order, p_fill.market_time);
  perform append_event('position_update', 'execution_ledger', p_fill.book, p_fill.run_id, p_fill.correlation_id, p_fill.market_time,
    position_json(p_position) || jsonb_build_object('balances', balances_json(p_run)));
  if p_fill.scraped > 0 then
    perform append_event('profit_scraped', 'execution_ledger', p_fill.book, p_fill.run_id, p_fill.correlation_id, p_fill.market_time,
      jsonb_build_object('fill_id', p_fill.fill_id, 'product', p_fill.product, 'realized_pnl', as_text(p_fill.realized_pnl),
        'scraped', as_text(p_fill.scraped), 'scrape_fraction', as_text(p_fill.scrape_fraction)));
  end if;
end $$;

create function apply_record_fill(p jsonb) returns jsonb language plpgsql as $$
declare
  v_run run := find_run(p ->> 'run_id');
  v_fill fill := jsonb_populate_record(null::fill, (p -> 'fill') || (p - array['fill', 'position']));
  v_order orders;
  v_before positions;
  v_after positions := jsonb_populate_record(null::positions, p -> 'position');
begin
  select * into v_order from orders where order_id = v_fill.order_id for no key update;
  if v_order.order_id is null or (v_order.run_id, v_order.product, v_order.side) is distinct from (v_fill.run_id, v_fill.product, v_fill.side)
     or v_fill.book <> v_run.book or v_after.product <> v_fill.product then
    raise exception 'fill % to % % does not belong to order % of run %', v_fill.fill_id, v_fill.side, v_fill.product, v_fill.order_id, v_run.run_id;
  end if;
  if exists (select from fill where order_id = v_fill.order_id and trade_id = v_fill.trade_id) then
    perform refuse('IDEMPOTENCY_CONFLICT', format('trade %s of order %s is booked under another fill id', v_fill.trade_id, v_fill.order_id));
  end if;
  -- Positions of one product are serialised even before their first row.
  perform pg_advisory_xact_lock(hashtextextended(format('position:%s:%s', v_run.run_id, v_fill.product), 0));
  select * into v_before from positions where run_id = v_run.run_id and book = v_run.book and product = v_fill.product for no key update;
  if v_after.version <> coalesce(v_before.version, 0) + 1 then
    perform refuse('VERSION_MISMATCH', format('position of %s has version %s, the fill leads to %s', v_fill.product,
      coalesce(v_before.version, 0), v_after.version), jsonb_build_object('stored_version', coalesce(v_before.version, 0)));
  end if;
  perform check_notional(v_fill);
  perform check_position(v_fill, v_before, v_after);

  v_order.filled_quantity := v_order.filled_quantity + v_fill.quantity;
  update orders set filled_quantity = v_order.filled_quantity, filled_notional = filled_notional + v_fill.notional, fee = fee + v_fill.fee,
    state = state_after_fill(v_order, p ->> 'order_state')
  where order_id = v_order.order_id returning * into v_order;
  perform lock_accounts(array[find_account(v_run, quote_of(v_fill.product), 'available'), find_account(v_run, base_of(v_fill.product), 'available'),
    find_account(v_run, quote_of(v_fill.product), 'exchange_clearing'), find_account(v_run, base_of(v_fill.product), 'exchange_clearing'),
    find_account(v_run, quote_of(v_fill.product), 'fees'), find_account(v_run, quote_of(v_fill.product), 'scraped')]);
  perform consume_hold(v_order, case v_fill.side when 'BUY' then v_fill.notional + v_fill.fee else v_fill.quantity end);
  v_fill.txn_id := post_fill_txn(v_run, v_fill);
  v_fill.scrape_txn_id := post_scrape_txn(v_run, v_fill);
  perform count_spending(v_run, v_fill);
  v_fill.position_quantity_after := v_after.quantity;
  v_fill.position_version := v_after.version;
  v_fill.recorded_at := now_ms();
  insert into fill select v_fill.*;
  perform store_position(v_fill, v_after);
  perform fill_events(v_run, v_fill, v_order, v_after);
  return jsonb_build_object('ok', true);
end $$;

-- The venue's fact decides whether two calls are the same; what was computed from it may differ after a reload.
create function record_fill(p jsonb) returns jsonb language plpgsql as $$
declare v_result jsonb := once('record_fill', 'fill:' || (p #>> '{fill,fill_id}'), p -> 'fill', p);
begin
  if not (v_result ->> 'ok')::boolean then return v_result; end if;
  return v_result || jsonb_build_object('balances', balances_json(find_run(p ->> 'run_id')));
end $$;

-- ---- settings

-- The fraction and its new starting point of spending, with who and why.
create function apply_set_tradeable_fraction(p jsonb) returns jsonb language plpgsql as $$
declare
  v_wallet wallet;
  v_fraction numeric := (p ->> 'fraction')::numeric;
  v_old numeric;
begin
  perform lock_accounts(array(select account_id from account where wallet_id = (p ->> 'wallet_id')::bigint));
  select * into v_wallet from wallet where wallet_id = (p ->> 'wallet_id')::bigint for no key update;
  if not found then raise exception 'wallet % does not exist', p ->> 'wallet_id'; end if;
  v_old := v_wallet.tradeable_fraction;
  update wallet set tradeable_fraction = v_fraction, net_spent = 0, updated_at = now_ms()
  where wallet_id = v_wallet.wallet_id returning * into v_wallet;
  insert into wallet_audit (wallet_id, old_fraction, new_fraction, who, reason)
  values (v_wallet.wallet_id, v_old, v_fraction, p ->> 'who', p ->> 'reason');
  perform append_event('wallet_changed', p ->> 'who', v_wallet.book, v_wallet.run_id, null, (p ->> 'market_time')::bigint,
    jsonb_build_object('wallet', wallet_json(v_wallet), 'old_fraction', v_old::float8, 'reason', p ->> 'reason'));
  return jsonb_build_object('ok', true);
end $$;

create function set_tradeable_fraction(p jsonb) returns jsonb language plpgsql as $$
declare v_result jsonb := once('set_tradeable_fraction', 'fraction:' || (p ->> 'idempotency_key'), p - 'market_time', p);
begin
  if not (v_result ->> 'ok')::boolean then return v_result; end if;
  return v_result || jsonb_build_object('wallet', (select wallet_json(w) from wallet w where wallet_id = (p ->> 'wallet_id')::bigint));
end $$;

create function flag_json(f trading_flag) returns jsonb language sql stable as $$
  select jsonb_build_object('book', f.book, 'state', f.state, 'who', f.who, 'reason', f.reason, 'version', f.version, 'changed_at', f.changed_at)
$$;

-- Setting the state that is set already changes nothing and says so.
create function set_trading_flag(p jsonb) returns jsonb language plpgsql as $$
declare
  v_old trading_flag;
  v_new trading_flag;
begin
  insert into trading_flag (book) values (p ->> 'book') on conflict do nothing;
  select * into v_old from trading_flag where book = p ->> 'book' for no key update;
  if v_old.state = p ->> 'state' then return jsonb_build_object('changed', false, 'flag', flag_json(v_old)); end if;
  update trading_flag set state = p ->> 'state', who = p ->> 'who', reason = p ->> 'reason', version = version + 1, changed_at = now_ms()
  where book = v_old.book returning * into v_new;
  insert into trading_flag_change (book, version, old_state, new_state, who, reason)
  values (v_new.book, v_new.version, v_old.state, v_new.state, v_new.who, v_new.reason);
  perform append_event('trading_flag_changed', p ->> 'who', v_new.book, p ->> 'run_id', null, (p ->> 'market_time')::bigint,
    flag_json(v_new) || jsonb_build_object('old_state', v_old.state));
  return jsonb_build_object('changed', true, 'flag', flag_json(v_new));
end $$;

create function record_block(p jsonb) returns void language plpgsql as $$
declare v_block trade_block := jsonb_populate_record(null::trade_block, p);
begin
  v_block.recorded_at := now_ms();
  insert into trade_block select v_block.* on conflict (block_id) do nothing;
  if found then
    perform append_event('trade_blocked', 'risk', v_block.book, v_block.run_id, v_block.correlation_id, v_block.market_time, block_json(v_block));
  end if;
end $$;
