-- The paper venue's own book, apart from ours: what is open there, how far it was matched and what it has reported.
create table paper_order (
  order_id uuid primary key references orders,
  run_id text not null references run,
  product text not null,
  -- The order as it was sent.
  order_body jsonb not null,
  -- It sees ticks from this market time on.
  active_from time_ms not null,
  is_armed boolean not null,
  filled_quantity amount not null default 0,
  fill_count int not null default 0,
  liquidity text check (liquidity in ('maker', 'taker')),
  report_count int not null default 0,
  -- Null while it is open.
  closed_state text
);
create index paper_order_open on paper_order (run_id, product) where closed_state is null;

-- What our orders have taken of each product's present candle, and the last tick that was matched.
create table paper_match (
  run_id text not null references run,
  product text not null,
  candle_start time_ms,
  used_volume amount not null,
  last_tick_time time_ms,
  primary key (run_id, product)
);

-- Reports wait here until their order's workflow has settled them.
create table paper_report (
  order_id uuid not null references paper_order,
  seq int not null check (seq > 0),
  report jsonb not null,
  delivered boolean not null default false,
  primary key (order_id, seq)
);
create index paper_report_waiting on paper_report (order_id, seq) where not delivered;
