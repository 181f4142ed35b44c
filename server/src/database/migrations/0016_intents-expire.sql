-- An order is asked for until a deadline and, where it takes what the market gives, expires on the market's clock: neither a retry
-- that comes late nor a worker that was away may trade on a price that is gone. An order's `updated_at` is market time too, as its
-- `market_time` and `expires_at` are, so that a replay tells the same twice; `created_at` is when the row was written.
alter table orders alter column updated_at drop default;

-- Now on a run's market clock: the wall clock where the market is live, else the time up to which ticks were delivered.
create function market_now(p_run run) returns bigint language sql volatile as $$
  select case when p_run.market in ('coinbase', 'ccxt') then now_ms() else p_run.cursor end
$$;

create or replace function reserve_one(p_run run, p_item jsonb, p_market_time bigint, p_extra jsonb) returns void language plpgsql as $$
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
  if v_order.expires_at <= market_now(p_run) then
    perform refuse('INTENT_EXPIRED', format('order %s expired %s ms ago on the market''s clock', v_order.order_id, market_now(p_run) - v_order.expires_at), p_extra);
  end if;
  if v_order.state = 'RESERVED' then
    perform refuse_by_flag(p_run.book, v_order.side, p_extra);
    if exists (select from orders where run_id = p_run.run_id and product = v_order.product and state in ('UNKNOWN', 'CONFLICT')) then
      perform refuse('UNRESOLVED_ORDER', format('an order of %s is unresolved', v_order.product), p_extra);
    end if;
    perform refuse_unfunded(v_order, v_account, v_amount, p_extra);
  end if;

  insert into orders (order_id, workflow_id, run_id, book, origin, leg, correlation_id, product, side, type, time_in_force, quantity,
    limit_price, stop_price, take_profit, expected_edge_bps, parent_order_id, state, state_reason, market_time, updated_at, expires_at)
  values (v_order.order_id, v_order.workflow_id, v_order.run_id, v_order.book, v_order.origin, v_order.leg, v_order.correlation_id,
    v_order.product, v_order.side, v_order.type, v_order.time_in_force, v_order.quantity, v_order.limit_price, v_order.stop_price,
    v_order.take_profit, v_order.expected_edge_bps, v_order.parent_order_id, v_order.state, v_order.state_reason, v_order.market_time,
    p_market_time, v_order.expires_at)
  returning * into v_order;
  insert into intent (order_id, body, body_sha256, guard, limits, expires_at)
  values (v_order.order_id, p_item -> 'order', p_item ->> 'body_sha256', coalesce(p_item -> 'guard', '{}'), coalesce(p_item -> 'limits', '{}'),
    v_order.expires_at);
  if v_amount is not null then perform open_hold(p_run, v_order, v_account, v_amount); end if;
  perform order_event('order_submitted', v_order, p_market_time);
end $$;

-- The deadline is judged under the locks, as late as can be: what is reserved was in time.
create or replace function apply_reserve_orders(p jsonb) returns jsonb language plpgsql as $$
declare
  v_run run;
  v_late bigint;
  v_item record;
begin
  perform lock_flag(p ->> 'book');
  select * into v_run from run where run_id = p ->> 'run_id' for key share;
  if v_run.run_id is null or v_run.book <> p ->> 'book' then raise exception 'run % of book % does not exist', p ->> 'run_id', p ->> 'book'; end if;
  if v_run.status <> 'open' then perform refuse('INVALID_ORDER', format('run %s is finished', v_run.run_id)); end if;
  perform refuse_by_flag(v_run.book, 'SELL');
  perform lock_accounts(array(
    select find_account(v_run, value #>> '{hold,asset}', 'available') from jsonb_array_elements(p -> 'orders') where value -> 'hold' <> 'null'));
  v_late := now_ms() - (p ->> 'deadline_at')::bigint;
  if v_late >= 0 then perform refuse('INTENT_EXPIRED', format('it was asked for too long ago: by the database''s clock, the time to reserve it ended %s ms ago', v_late)); end if;
  for v_item in select value, ordinality - 1 as index from jsonb_array_elements(p -> 'orders') with ordinality loop
    perform reserve_one(v_run, v_item.value, (p ->> 'market_time')::bigint, jsonb_build_object('index', v_item.index));
  end loop;
  return jsonb_build_object('ok', true);
end $$;

-- The deadline is no part of what is asked for: a workflow that starts over after a loss of Temporal has another, and finds its orders.
create or replace function reserve_orders(p jsonb) returns jsonb language plpgsql as $$
declare v_result jsonb := once('reserve_orders', 'reserve:' || (p ->> 'batch_id'), p - 'deadline_at', p);
begin
  if not (v_result ->> 'ok')::boolean then return v_result; end if;
  return v_result || jsonb_build_object('balances', balances_json(find_run(p ->> 'run_id')), 'orders', (
    select jsonb_agg(order_json(o) order by item.ordinality)
    from jsonb_array_elements(p -> 'orders') with ordinality as item
    join orders o on o.order_id = (item.value #>> '{order,order_id}')::uuid));
end $$;

create or replace function apply_reserve_armed(p jsonb) returns jsonb language plpgsql as $$
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
  update orders set state = 'RESERVED', quantity = v_quantity, updated_at = (p ->> 'market_time')::bigint
  where order_id = v_order.order_id returning * into v_order;
  perform open_hold(v_run, v_order, v_account.account_id, v_quantity);
  perform order_event('order_updated', v_order, (p ->> 'market_time')::bigint);
  for v_sibling in
    update orders set state = 'CANCELLED', state_reason = format('the other exit %s was triggered', v_order.order_id),
      updated_at = (p ->> 'market_time')::bigint
    where parent_order_id = v_order.parent_order_id and order_id <> v_order.order_id and state = 'ARMED'
    returning *
  loop
    perform order_event('order_updated', v_sibling, (p ->> 'market_time')::bigint);
  end loop;
  return jsonb_build_object('ok', true);
end $$;

create or replace function reserve_armed(p jsonb) returns jsonb language plpgsql as $$
declare v_result jsonb := once('reserve_armed', 'trigger:' || (p ->> 'order_id'), p - array['market_time', 'attempt'], p);
begin
  if not (v_result ->> 'ok')::boolean then return v_result; end if;
  return v_result || jsonb_build_object('balances', balances_json(find_run(p ->> 'run_id')), 'orders', (
    select jsonb_agg(order_json(o)) from orders o where o.order_id = (p ->> 'order_id')::uuid));
end $$;

create or replace function move_order(p jsonb) returns jsonb language plpgsql as $$
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
  if v_to = 'SENT' and v_order.expires_at <= market_now(find_run(v_order.run_id)) then
    return jsonb_build_object('ok', false, 'reason', 'INTENT_EXPIRED', 'state', v_order.state,
      'detail', format('order %s expired at %s before it was sent', v_order.order_id, v_order.expires_at));
  end if;
  if v_to = 'SENT' then
    update intent set attempts = attempts + 1, epoch = v_epoch, sent_at = now_ms() where order_id = v_order.order_id and epoch <= v_epoch;
    if not found then
      return jsonb_build_object('ok', false, 'reason', 'STATE_MISMATCH', 'state', v_order.state,
        'detail', format('order %s belongs to a newer sender than epoch %s', v_order.order_id, v_epoch));
    end if;
  end if;
  update orders set state = v_to, state_reason = p ->> 'reason', updated_at = (p ->> 'market_time')::bigint
  where order_id = v_order.order_id returning * into v_order;
  perform order_event('order_updated', v_order, (p ->> 'market_time')::bigint);
  return jsonb_build_object('ok', true, 'order', order_json(v_order));
end $$;

-- Ends an order and returns what is left of its hold, once; with `from`, only where it still is in that state. News of an order
-- that is over changes nothing.
create or replace function release_order(p jsonb) returns jsonb language plpgsql as $$
declare
  v_run run := find_run(p ->> 'run_id');
  v_order orders;
begin
  if not is_terminal(p ->> 'state') then raise exception 'order % cannot be released into %', p ->> 'order_id', p ->> 'state'; end if;
  select * into v_order from orders where order_id = (p ->> 'order_id')::uuid and run_id = v_run.run_id for no key update;
  if not found then raise exception 'run % has no order %', v_run.run_id, p ->> 'order_id'; end if;
  if not is_terminal(v_order.state) and v_order.state = coalesce(p ->> 'from', v_order.state) then
    update orders set state = p ->> 'state', state_reason = p ->> 'reason', updated_at = (p ->> 'market_time')::bigint
    where order_id = v_order.order_id returning * into v_order;
    perform order_event('order_updated', v_order, (p ->> 'market_time')::bigint);
    update hold set state = 'released', closed_at = now_ms() where order_id = v_order.order_id and state = 'open';
  end if;
  return jsonb_build_object('state', v_order.state, 'balances', balances_json(v_run));
end $$;

create or replace function apply_record_fill(p jsonb) returns jsonb language plpgsql as $$
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
    state = state_after_fill(v_order, p ->> 'order_state'), updated_at = v_fill.market_time
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

create or replace function order_moves_legally() returns trigger language plpgsql as $$
begin
  if new.state <> old.state and not exists (select from order_move where from_state = old.state and to_state = new.state) then
    raise exception 'order % may not go from % to %', old.order_id, old.state, new.state using errcode = 'restrict_violation';
  end if;
  if (new.order_id, new.run_id, new.book, new.product, new.side, new.origin, new.leg) is distinct from
     (old.order_id, old.run_id, old.book, old.product, old.side, old.origin, old.leg) then
    raise exception 'order % keeps its identity', old.order_id using errcode = 'restrict_violation';
  end if;
  if new.quantity <> old.quantity
     and not (old.state = 'ARMED' and new.state = 'RESERVED' and new.quantity < old.quantity)
     and not (old.state = 'ARMED' and new.state = 'ARMED' and new.quantity > old.quantity and new.parent_order_id is not null) then
    raise exception 'order % keeps its quantity', old.order_id using errcode = 'restrict_violation';
  end if;
  if new.filled_quantity < old.filled_quantity then
    raise exception 'order % cannot unfill', old.order_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

create or replace function exits_follow_entry() returns trigger language plpgsql as $$
declare v_exit orders;
begin
  perform from orders where parent_order_id = new.order_id order by order_id for no key update;
  for v_exit in
    update orders set quantity = quantity + new.quantity, updated_at = new.market_time where parent_order_id = new.order_id and state = 'ARMED' returning *
  loop
    perform order_event('order_updated', v_exit, new.market_time);
  end loop;
  return null;
end $$;

update orders set updated_at = greatest(market_time, (select max(fill.market_time) from fill where fill.order_id = orders.order_id));
