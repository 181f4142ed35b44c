-- The legal moves of core/order/state-machine; a test compares the two. `adopts`: the venue shows an order we presumed absent.
create table order_move (
  from_state text not null,
  to_state text not null,
  adopts boolean not null default false,
  primary key (from_state, to_state)
);
insert into order_move (from_state, to_state)
select m.from_state, unnest(string_to_array(m.to_states, ' ')) from (values
  ('PROPOSED', 'DENIED ARMED RESERVED'),
  ('ARMED', 'RESERVED CANCELLED ABORTED'),
  ('RESERVED', 'SENT ABORTED'),
  ('SENT', 'RESERVED WORKING PARTIAL PENDING_CANCEL UNKNOWN FILLED CANCELLED EXPIRED REJECTED FAILED'),
  ('UNKNOWN', 'RESERVED WORKING PARTIAL FILLED CANCELLED EXPIRED REJECTED FAILED PRESUMED_ABSENT CONFLICT'),
  ('WORKING', 'PARTIAL PENDING_CANCEL FILLED CANCELLED EXPIRED FAILED'),
  ('PARTIAL', 'PENDING_CANCEL FILLED CANCELLED EXPIRED FAILED'),
  ('PENDING_CANCEL', 'WORKING PARTIAL FILLED CANCELLED EXPIRED FAILED'),
  ('CONFLICT', 'FILLED CANCELLED FAILED')
) as m (from_state, to_states);
insert into order_move (from_state, to_state, adopts)
select 'PRESUMED_ABSENT', to_state, true
from unnest(array['WORKING', 'PARTIAL', 'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'FAILED', 'CONFLICT']) as to_state;

create function is_terminal(state text) returns boolean language sql immutable as $$
  select state in ('DENIED', 'ABORTED', 'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'FAILED', 'PRESUMED_ABSENT')
$$;

create table orders (
  order_id uuid primary key,
  workflow_id text not null unique,
  run_id text not null references run,
  book book_name not null,
  origin text not null,
  leg int not null check (leg >= 0),
  correlation_id text not null,
  product text not null,
  side text not null check (side in ('BUY', 'SELL')),
  type text not null check (type in ('market', 'limit', 'stop', 'take_profit')),
  time_in_force text not null check (time_in_force in ('GTC', 'IOC', 'FOK')),
  quantity amount not null check (quantity > 0),
  limit_price amount check (limit_price > 0),
  stop_price amount check (stop_price > 0),
  take_profit amount check (take_profit > 0),
  expected_edge_bps double precision,
  parent_order_id uuid references orders,
  state text not null,
  state_reason text,
  filled_quantity amount not null default 0 check (filled_quantity >= 0),
  filled_notional amount not null default 0 check (filled_notional >= 0),
  fee amount not null default 0,
  market_time time_ms not null,
  created_at time_ms not null default now_ms(),
  updated_at time_ms not null default now_ms(),
  expires_at time_ms,
  unique (run_id, origin, leg),
  -- A venue may overfill; our own never does.
  check (filled_quantity <= quantity or book <> 'paper')
);
create index order_open on orders (run_id, product) where not is_terminal(state);
create index order_by_parent on orders (parent_order_id) where parent_order_id is not null;
create index order_by_correlation on orders (correlation_id);
create index order_by_run on orders (run_id, created_at);

create function order_moves_legally() returns trigger language plpgsql as $$
begin
  if new.state <> old.state and not exists (select from order_move where from_state = old.state and to_state = new.state) then
    raise exception 'order % may not go from % to %', old.order_id, old.state, new.state using errcode = 'restrict_violation';
  end if;
  if (new.order_id, new.run_id, new.book, new.product, new.side, new.origin, new.leg) is distinct from
     (old.order_id, old.run_id, old.book, old.product, old.side, old.origin, old.leg) then
    raise exception 'order % keeps its identity', old.order_id using errcode = 'restrict_violation';
  end if;
  if new.quantity <> old.quantity and not (old.state = 'ARMED' and new.state = 'RESERVED' and new.quantity < old.quantity) then
    raise exception 'order % keeps its quantity', old.order_id using errcode = 'restrict_violation';
  end if;
  if new.filled_quantity < old.filled_quantity then
    raise exception 'order % cannot unfill', old.order_id using errcode = 'restrict_violation';
  end if;
  new.updated_at := now_ms();
  return new;
end $$;
create trigger moves_legally before update on orders for each row execute function order_moves_legally();
create trigger append_only_row before delete on orders for each row execute function refuse_change();
create trigger append_only_table before truncate on orders for each statement execute function refuse_change();

alter table hold add foreign key (order_id) references orders;

-- What was approved, frozen before the wire; only the attempts to send it are counted afterwards.
create table intent (
  order_id uuid primary key references orders,
  body jsonb not null,
  body_sha256 sha256_hex not null,
  guard jsonb not null,
  limits jsonb not null,
  expires_at time_ms,
  attempts int not null default 0,
  epoch bigint not null default 0,
  sent_at time_ms,
  recorded_at time_ms not null default now_ms()
);
create function intent_is_frozen() returns trigger language plpgsql as $$
begin
  if (new.order_id, new.body, new.body_sha256, new.guard, new.limits, new.expires_at) is distinct from
     (old.order_id, old.body, old.body_sha256, old.guard, old.limits, old.expires_at)
     or new.attempts < old.attempts or new.epoch < old.epoch then
    raise exception 'intent of order % is frozen', old.order_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger is_frozen before update on intent for each row execute function intent_is_frozen();
create trigger append_only_row before delete on intent for each row execute function refuse_change();
create trigger append_only_table before truncate on intent for each statement execute function refuse_change();

create table positions (
  run_id text not null references run,
  book book_name not null,
  product text not null,
  quantity amount not null check (quantity >= 0),
  cost_basis amount not null check (cost_basis >= 0),
  entry_fees amount not null check (entry_fees >= 0),
  average_price amount check (average_price > 0),
  realized_pnl amount not null,
  version bigint not null check (version >= 1),
  updated_at time_ms not null default now_ms(),
  primary key (run_id, book, product),
  check (quantity > 0 or (cost_basis = 0 and entry_fees = 0))
);

create table fill (
  fill_id uuid primary key,
  order_id uuid not null references orders,
  trade_id text not null,
  run_id text not null references run,
  book book_name not null,
  correlation_id text not null,
  product text not null,
  side text not null check (side in ('BUY', 'SELL')),
  quantity amount not null check (quantity > 0),
  price amount not null check (price > 0),
  notional amount not null check (notional > 0),
  fee amount not null check (fee >= 0),
  liquidity text not null check (liquidity in ('maker', 'taker')),
  realized_pnl amount not null,
  scraped amount not null check (scraped >= 0),
  scrape_fraction numeric(19, 18) not null check (scrape_fraction between 0 and 1),
  position_quantity_after amount not null check (position_quantity_after >= 0),
  position_version bigint not null,
  txn_id bigint not null unique references txn,
  scrape_txn_id bigint unique references txn,
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms(),
  unique (order_id, trade_id),
  unique (run_id, book, product, position_version),
  check ((scraped > 0) = (scrape_txn_id is not null)),
  -- I10: set aside out of this trade's profit, never out of principal.
  constraint scrape_within_profit check (scraped = 0 or (side = 'SELL' and scraped <= realized_pnl * scrape_fraction)),
  check (side = 'SELL' or realized_pnl = 0)
);
create index fill_by_run on fill (run_id, recorded_at);
create index fill_by_correlation on fill (correlation_id);
select make_append_only('fill');

-- I9: a posting of kind fill or scrape has its fill (the fill's own foreign keys hold the other direction).
create function txn_has_its_fill() returns trigger language plpgsql as $$
begin
  if new.kind = 'fill' and not exists (select from fill where txn_id = new.txn_id)
     or new.kind = 'scrape' and not exists (select from fill where scrape_txn_id = new.txn_id) then
    raise exception 'txn % of kind % has no fill', new.txn_id, new.kind using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create constraint trigger has_its_fill after insert on txn deferrable initially deferred
  for each row when (new.kind in ('fill', 'scrape')) execute function txn_has_its_fill();

-- The paper venue's own truth, as an exchange would have it: independent of the ledger.
create table paper_fill (
  fill_id uuid primary key,
  order_id uuid not null references orders,
  trade_id text not null,
  product text not null,
  side text not null check (side in ('BUY', 'SELL')),
  quantity amount not null check (quantity > 0),
  price amount not null check (price > 0),
  notional amount not null check (notional > 0),
  fee amount not null check (fee >= 0),
  liquidity text not null check (liquidity in ('maker', 'taker')),
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms(),
  unique (order_id, trade_id),
  unique (order_id, market_time)
);
select make_append_only('paper_fill');

create table trade_block (
  block_id text primary key,
  run_id text not null references run,
  book book_name not null,
  correlation_id text not null,
  reason text not null,
  detail text not null,
  request jsonb not null,
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms()
);
create index block_by_run on trade_block (run_id, recorded_at);
create index block_by_correlation on trade_block (correlation_id);
select make_append_only('trade_block');

-- The contract's shapes, built in one place.
create function run_json(r run) returns jsonb language sql stable as $$
  select jsonb_build_object('run_id', r.run_id, 'market', r.market, 'file_hashes', r.file_hashes, 'products', r.products, 'seed', r.seed,
    'book', r.book, 'status', r.status, 'started_at', r.started_at, 'finished_at', r.finished_at, 'cursor', r.cursor)
$$;

create function order_json(o orders) returns jsonb language sql stable as $$
  select jsonb_build_object('order_id', o.order_id, 'workflow_id', o.workflow_id, 'run_id', o.run_id, 'book', o.book, 'origin', o.origin,
    'leg', o.leg, 'correlation_id', o.correlation_id, 'product', o.product, 'side', o.side, 'type', o.type, 'time_in_force', o.time_in_force,
    'quantity', as_text(o.quantity), 'limit_price', as_text(o.limit_price), 'stop_price', as_text(o.stop_price), 'take_profit', as_text(o.take_profit),
    'expected_edge_bps', o.expected_edge_bps, 'parent_order_id', o.parent_order_id, 'state', o.state, 'state_reason', o.state_reason,
    'filled_quantity', as_text(o.filled_quantity),
    'average_price', case when o.filled_quantity > 0 then as_text((o.filled_notional / o.filled_quantity)::amount) end,
    'fee', as_text(o.fee), 'market_time', o.market_time, 'updated_at', o.updated_at, 'expires_at', o.expires_at)
$$;

create function fill_json(f fill) returns jsonb language sql stable as $$
  select jsonb_build_object('fill_id', f.fill_id, 'order_id', f.order_id, 'trade_id', f.trade_id, 'product', f.product, 'side', f.side,
    'quantity', as_text(f.quantity), 'price', as_text(f.price), 'notional', as_text(f.notional), 'fee', as_text(f.fee), 'liquidity', f.liquidity,
    'market_time', f.market_time, 'run_id', f.run_id, 'book', f.book, 'correlation_id', f.correlation_id,
    'realized_pnl', as_text(f.realized_pnl), 'scraped', as_text(f.scraped), 'position_quantity_after', as_text(f.position_quantity_after),
    'recorded_at', f.recorded_at)
$$;

create function paper_fill_json(f paper_fill) returns jsonb language sql stable as $$
  select jsonb_build_object('fill_id', f.fill_id, 'order_id', f.order_id, 'trade_id', f.trade_id, 'product', f.product, 'side', f.side,
    'quantity', as_text(f.quantity), 'price', as_text(f.price), 'notional', as_text(f.notional), 'fee', as_text(f.fee), 'liquidity', f.liquidity,
    'market_time', f.market_time)
$$;

create function position_json(p positions) returns jsonb language sql stable as $$
  select jsonb_build_object('product', p.product, 'quantity', as_text(p.quantity), 'cost_basis', as_text(p.cost_basis),
    'entry_fees', as_text(p.entry_fees), 'average_price', as_text(p.average_price), 'realized_pnl', as_text(p.realized_pnl), 'version', p.version)
$$;

create function block_json(b trade_block) returns jsonb language sql stable as $$
  select jsonb_build_object('block_id', b.block_id, 'run_id', b.run_id, 'book', b.book, 'correlation_id', b.correlation_id,
    'reason', b.reason, 'detail', b.detail, 'request', b.request, 'market_time', b.market_time, 'recorded_at', b.recorded_at)
$$;

-- I8: what orders may still reserve, f x (posted + s) - s - held. Spending (s) does not refill the fraction.
create function tradeable(fraction numeric, posted numeric, held numeric, net_spent numeric) returns numeric language sql immutable as $$
  select greatest(0, trunc(fraction * (posted + greatest(net_spent, 0)) - greatest(net_spent, 0) - held, 18))
$$;

create function wallet_json(w wallet) returns jsonb language sql stable as $$
  select jsonb_build_object('wallet_id', w.wallet_id, 'name', w.name, 'run_id', w.run_id, 'book', w.book, 'asset', w.asset,
    'posted', as_text(a.posted), 'held', as_text(a.held), 'available', as_text(a.posted - a.held), 'scraped', as_text(s.posted),
    'tradeable_fraction', w.tradeable_fraction::float8,
    'tradeable', as_text(tradeable(w.tradeable_fraction, a.posted, a.held, w.net_spent)), 'updated_at', w.updated_at)
  from account a join account s on s.wallet_id = w.wallet_id and s.kind = 'scraped'
  where a.wallet_id = w.wallet_id and a.kind = 'available'
$$;
