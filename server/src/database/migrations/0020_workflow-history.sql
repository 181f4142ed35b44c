-- The workflow code that was executed, one row per bundle: gzip, so that it unpacks to the bytes whose hash names it. A worker stores
-- its bundle before it takes work, and Temporal writes the hash into every workflow task: no history is without its code.
create table workflow_bundle (
  bundle_hash sha256_hex primary key,
  code bytea not null,
  recorded_at time_ms not null default now_ms()
);
select make_append_only('workflow_bundle');

-- Histories of closed decisions and of the orders they led to, as Temporal has them: temporal.api.history.v1.History in protobuf.
create table workflow_history (
  history_hash sha256_hex primary key,
  workflow_id text not null,
  temporal_run_id text not null,
  workflow_type text not null,
  -- Whose decision it is part of; a decision's own id for the decision itself.
  decision_id text not null,
  namespace text not null,
  -- Of the last workflow task; the history itself names one for each.
  bundle_hash sha256_hex,
  event_count int not null check (event_count > 0),
  closed_at time_ms not null,
  history bytea not null,
  recorded_at time_ms not null default now_ms(),
  unique (workflow_id, temporal_run_id),
  check (encode(sha256(history), 'hex') = history_hash)
);
create index workflow_history_by_decision on workflow_history (decision_id);
select make_append_only('workflow_history');

-- What Temporal no longer has, so that nobody asks again each minute.
create table workflow_history_gone (
  workflow_id text primary key,
  decision_id text not null,
  detail text not null,
  recorded_at time_ms not null default now_ms()
);
select make_append_only('workflow_history_gone');
