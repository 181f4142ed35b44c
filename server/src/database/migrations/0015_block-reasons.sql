-- A refusal keeps every check that failed, not only the first; older ones kept that one alone.
alter table trade_block add column reasons jsonb check (jsonb_typeof(reasons) = 'array');

create or replace function block_json(b trade_block) returns jsonb language sql stable as $$
  select jsonb_build_object('block_id', b.block_id, 'run_id', b.run_id, 'book', b.book, 'correlation_id', b.correlation_id,
    'reason', b.reason, 'detail', b.detail,
    'reasons', coalesce(b.reasons, jsonb_build_array(jsonb_build_object('reason', b.reason, 'detail', b.detail))),
    'request', b.request, 'market_time', b.market_time, 'recorded_at', b.recorded_at)
$$;
