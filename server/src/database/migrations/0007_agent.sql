create table prompt_text (
  text_hash sha256_hex primary key,
  text text not null,
  recorded_at time_ms not null default now_ms(),
  check (encode(sha256(convert_to(text, 'UTF8')), 'hex') = text_hash)
);
select make_append_only('prompt_text');

create table prompt_version (
  version int primary key check (version > 0),
  mode text not null check (mode in ('conservative', 'standard', 'aggressive', 'performance')),
  text_hash sha256_hex not null references prompt_text,
  policy jsonb not null,
  reason text not null,
  evidence jsonb not null,
  author text not null check (author in ('system', 'judge', 'user')),
  parent_version int references prompt_version,
  created_by text,
  created_at time_ms not null default now_ms()
);
select make_append_only('prompt_version');

-- The active version is that of the last activation; a rollback is one more row.
create table prompt_activation (
  activation_id bigint generated always as identity primary key,
  version int not null references prompt_version,
  who text not null,
  reason text not null,
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms()
);
select make_append_only('prompt_activation');

create function active_prompt_version() returns int language sql stable as $$
  select version from prompt_activation order by activation_id desc limit 1
$$;

create function prompt_version_json(v prompt_version) returns jsonb language sql stable as $$
  select jsonb_build_object('version', v.version, 'mode', v.mode, 'text', t.text, 'text_hash', v.text_hash, 'policy', v.policy,
    'reason', v.reason, 'evidence', v.evidence, 'author', v.author, 'parent_version', v.parent_version, 'created_at', v.created_at,
    'is_active', v.version is not distinct from active_prompt_version(), 'attribution', null, 'created_by', v.created_by)
  from prompt_text t where t.text_hash = v.text_hash
$$;

create function apply_create_prompt_version(p jsonb) returns jsonb language plpgsql as $$
declare v_version prompt_version := jsonb_populate_record(null::prompt_version, p);
begin
  perform pg_advisory_xact_lock(hashtextextended('prompt_version', 0));
  insert into prompt_text (text_hash, text) values (v_version.text_hash, p ->> 'text') on conflict do nothing;
  select coalesce(max(version), 0) + 1 into v_version.version from prompt_version;
  v_version.created_at := now_ms();
  insert into prompt_version select v_version.*;
  perform append_event('prompt_version_created', v_version.author, null, null, v_version.created_by, (p ->> 'market_time')::bigint,
    prompt_version_json(v_version) - 'text');
  return jsonb_build_object('ok', true, 'version', v_version.version);
end $$;

create function apply_activate_prompt_version(p jsonb) returns jsonb language plpgsql as $$
declare v_before int;
begin
  perform pg_advisory_xact_lock(hashtextextended('prompt_version', 0));
  v_before := active_prompt_version();
  insert into prompt_activation (version, who, reason, market_time)
  values ((p ->> 'version')::int, p ->> 'who', p ->> 'reason', (p ->> 'market_time')::bigint);
  perform append_event('prompt_version_activated', p ->> 'who', null, null, null, (p ->> 'market_time')::bigint,
    jsonb_build_object('version', (p ->> 'version')::int, 'previous_version', v_before, 'reason', p ->> 'reason'));
  return jsonb_build_object('ok', true, 'version', (p ->> 'version')::int, 'previous_version', v_before);
end $$;

-- Every change makes a new version; version 0 is the contract's defaults and has no row.
create table preferences (
  version int primary key check (version > 0),
  preferences jsonb not null,
  who text not null,
  updated_at time_ms not null default now_ms()
);
select make_append_only('preferences');

create function apply_merge_preferences(p jsonb) returns jsonb language plpgsql as $$
declare
  v_last preferences;
  v_next preferences;
begin
  perform pg_advisory_xact_lock(hashtextextended('preferences', 0));
  select * into v_last from preferences order by version desc limit 1;
  insert into preferences (version, preferences, who)
  values (coalesce(v_last.version, 0) + 1, (p -> 'defaults') || coalesce(v_last.preferences, '{}') || (p -> 'patch'), p ->> 'who')
  returning * into v_next;
  perform append_event('preferences_changed', p ->> 'who', null, null, null, (p ->> 'market_time')::bigint,
    jsonb_build_object('version', v_next.version, 'changed', p -> 'patch', 'preferences', v_next.preferences));
  return jsonb_build_object('ok', true, 'preferences',
    v_next.preferences || jsonb_build_object('version', v_next.version, 'updated_at', v_next.updated_at));
end $$;

create table feedback (
  feedback_id text primary key,
  target text not null check (target in ('execution', 'judge')),
  message text not null check (length(message) between 1 and 2000),
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms(),
  processed_by text,
  processed_at time_ms,
  check ((processed_by is null) = (processed_at is null))
);
create index feedback_pending on feedback (target, recorded_at) where processed_by is null;

create function feedback_json(f feedback) returns jsonb language sql stable as $$
  select jsonb_build_object('feedback_id', f.feedback_id, 'target', f.target, 'message', f.message, 'market_time', f.market_time,
    'recorded_at', f.recorded_at, 'processed_by', f.processed_by)
$$;

create table model_call (
  call_id text primary key,
  agent text not null check (agent in ('broker', 'execution', 'judge')),
  model text not null,
  prompt_hash sha256_hex not null,
  prompt_version int,
  reply text,
  outcome text not null,
  error text,
  tokens_in bigint not null check (tokens_in >= 0),
  tokens_out bigint not null check (tokens_out >= 0),
  cost_usd amount not null check (cost_usd >= 0),
  latency_ms bigint not null check (latency_ms >= 0),
  correlation_id text not null,
  run_id text,
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms()
);
create index model_call_by_correlation on model_call (correlation_id);
create index model_call_by_age on model_call (recorded_at);
select make_append_only('model_call');

create function model_call_json(c model_call) returns jsonb language sql stable as $$
  select jsonb_build_object('call_id', c.call_id, 'agent', c.agent, 'model', c.model, 'prompt_hash', c.prompt_hash,
    'prompt_version', c.prompt_version, 'reply', c.reply, 'outcome', c.outcome, 'error', c.error, 'tokens_in', c.tokens_in,
    'tokens_out', c.tokens_out, 'cost_usd', as_text(c.cost_usd), 'latency_ms', c.latency_ms, 'correlation_id', c.correlation_id,
    'run_id', c.run_id, 'market_time', c.market_time, 'recorded_at', c.recorded_at)
$$;

-- The decision as the workflow made it; the columns are what lists filter by.
create table decision (
  id text primary key,
  run_id text not null references run,
  book book_name not null,
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms(),
  action text not null check (action in ('TRADE', 'HOLD')),
  prompt_version int,
  document jsonb not null
);
create index decision_by_run on decision (run_id, market_time);
select make_append_only('decision');

create function decision_json(d decision) returns jsonb language sql stable as $$
  select d.document || jsonb_build_object('recorded_at', d.recorded_at)
$$;

create table equity_sample (
  run_id text not null references run,
  book book_name not null,
  market_time time_ms not null,
  equity amount not null,
  cash amount not null,
  scraped amount not null,
  position_value amount not null,
  realized_pnl amount not null,
  unrealized_pnl amount not null,
  recorded_at time_ms not null default now_ms(),
  primary key (run_id, market_time)
);
select make_append_only('equity_sample');

create function equity_sample_json(s equity_sample) returns jsonb language sql stable as $$
  select jsonb_build_object('run_id', s.run_id, 'book', s.book, 'market_time', s.market_time, 'equity', as_text(s.equity), 'cash', as_text(s.cash),
    'scraped', as_text(s.scraped), 'position_value', as_text(s.position_value), 'realized_pnl', as_text(s.realized_pnl),
    'unrealized_pnl', as_text(s.unrealized_pnl), 'recorded_at', s.recorded_at)
$$;
