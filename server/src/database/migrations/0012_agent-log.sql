-- What the agents did and were told, beyond the decisions: actions, summaries, the user's words, refused messages.
create table agent_log (
  log_id text primary key,
  agent text not null check (agent in ('broker', 'execution', 'judge')),
  kind text not null check (kind in ('action', 'summary', 'interaction', 'refused')),
  correlation_id text,
  market_time time_ms,
  recorded_at time_ms not null,
  payload jsonb not null check (jsonb_typeof(payload) = 'object')
);
create index agent_log_by_agent on agent_log (agent, recorded_at);
create index agent_log_by_correlation on agent_log (correlation_id) where correlation_id is not null;
select make_append_only('agent_log');

create function agent_log_json(l agent_log) returns jsonb language sql stable as $$
  select jsonb_build_object('log_id', l.log_id, 'agent', l.agent, 'kind', l.kind, 'correlation_id', l.correlation_id,
    'market_time', l.market_time, 'recorded_at', l.recorded_at, 'payload', l.payload)
$$;
