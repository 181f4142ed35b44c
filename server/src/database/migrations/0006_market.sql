-- `seq` grows in the order of commit (inserts are serialised), so it is a cursor.
create table tick (
  seq bigint generated always as identity primary key,
  run_id text not null references run,
  product text not null,
  market_time time_ms not null,
  price amount not null check (price > 0),
  bid amount not null check (bid > 0),
  ask amount not null check (ask >= bid),
  volume amount not null check (volume >= 0),
  candle_volume amount not null check (candle_volume >= 0),
  last_minute_notional amount check (last_minute_notional >= 0),
  recorded_at time_ms not null default now_ms(),
  unique (run_id, product, market_time)
);
create index tick_by_age on tick (recorded_at);

-- One-minute candles follow the ticks; loaded history may bring other timeframes.
create table candle (
  run_id text not null references run,
  product text not null,
  timeframe_ms bigint not null check (timeframe_ms > 0),
  start time_ms not null,
  open amount not null check (open > 0),
  high amount not null check (high >= open and high >= close),
  low amount not null check (low > 0 and low <= open and low <= close),
  close amount not null check (close > 0),
  volume amount not null check (volume >= 0),
  first_time time_ms not null,
  last_time time_ms not null,
  primary key (run_id, product, timeframe_ms, start)
);

create table quarantined_tick (
  quarantine_id text primary key,
  run_id text not null references run,
  product text not null,
  reason text not null,
  detail text not null,
  raw jsonb not null,
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms()
);
select make_append_only('quarantined_tick');

create function tick_json(t tick) returns jsonb language sql stable as $$
  select jsonb_build_object('product', t.product, 'market_time', t.market_time, 'price', as_text(t.price), 'bid', as_text(t.bid), 'ask', as_text(t.ask),
    'volume', as_text(t.volume), 'candle_volume', as_text(t.candle_volume), 'last_minute_notional', as_text(t.last_minute_notional))
$$;

-- Stores what is new of a batch, brings its one-minute candles up to date and tells the listeners the range of seq.
create function insert_ticks(p_run_id text, p_ticks jsonb) returns jsonb language plpgsql as $$
declare
  v_count bigint;
  v_first bigint;
  v_last bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('insert_ticks', 0));
  with stored as (
    insert into tick (run_id, product, market_time, price, bid, ask, volume, candle_volume, last_minute_notional)
    select p_run_id, t.product, t.market_time, t.price, t.bid, t.ask, t.volume, t.candle_volume, t.last_minute_notional
    from jsonb_to_recordset(p_ticks) as t (product text, market_time bigint, price numeric, bid numeric, ask numeric, volume numeric,
      candle_volume numeric, last_minute_notional numeric)
    order by t.market_time, t.product
    on conflict (run_id, product, market_time) do nothing
    returning *
  ), minutes as (
    insert into candle (run_id, product, timeframe_ms, start, open, high, low, close, volume, first_time, last_time)
    select p_run_id, product, 60000, market_time / 60000 * 60000, (array_agg(price order by market_time))[1], max(price), min(price),
      (array_agg(price order by market_time desc))[1], sum(volume), min(market_time), max(market_time)
    from stored group by product, market_time / 60000
    on conflict (run_id, product, timeframe_ms, start) do update set
      open = case when excluded.first_time < candle.first_time then excluded.open else candle.open end,
      close = case when excluded.last_time > candle.last_time then excluded.close else candle.close end,
      high = greatest(candle.high, excluded.high), low = least(candle.low, excluded.low), volume = candle.volume + excluded.volume,
      first_time = least(candle.first_time, excluded.first_time), last_time = greatest(candle.last_time, excluded.last_time)
  )
  select count(*), min(seq), max(seq) into v_count, v_first, v_last from stored;
  if v_count > 0 then
    perform pg_notify('tick', jsonb_build_object('run_id', p_run_id, 'first', v_first, 'last', v_last)::text);
  end if;
  return jsonb_build_object('stored', v_count, 'first_seq', v_first, 'last_seq', v_last);
end $$;
