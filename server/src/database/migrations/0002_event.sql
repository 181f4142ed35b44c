-- A fact's event is written in the fact's transaction, without a public id. The sequencer then numbers what is
-- committed: gap-free, in the order of insertion among what it sees, never before a smaller number is visible.
create table event (
  row_id bigint generated always as identity primary key,
  id bigint unique check (id > 0),
  idem_key text unique,
  type text not null,
  source text not null check (length(source) <= 64),
  book book_name,
  run_id text,
  correlation_id text,
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms(),
  payload jsonb not null check (jsonb_typeof(payload) = 'object')
);
create index event_pending on event (row_id) where id is null;
create index event_by_correlation on event (correlation_id, id);
create index event_by_run on event (run_id, id);
create index event_by_type on event (type, id);

create table event_sequence (
  only_row boolean primary key default true check (only_row),
  last_id bigint not null
);
insert into event_sequence (last_id) values (0);

-- The one change an event knows: its number, once.
create function event_gets_number_once() returns trigger language plpgsql as $$
declare v_numbered event := old;
begin
  v_numbered.id := new.id;
  if old.id is not null or new.id is null or v_numbered is distinct from new then
    raise exception 'event is append-only: % of row % refused', tg_op, old.row_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger numbered_once before update on event for each row execute function event_gets_number_once();
create trigger append_only_row before delete on event for each row execute function refuse_change();
create trigger append_only_table before truncate on event for each statement execute function refuse_change();

create function event_wakes_sequencer() returns trigger language plpgsql as $$
begin
  perform pg_notify('event_pending', '');
  return null;
end $$;
create trigger wakes_sequencer after insert on event for each statement execute function event_wakes_sequencer();

create function append_event(
  p_type text, p_source text, p_book text, p_run_id text, p_correlation_id text, p_market_time bigint, p_payload jsonb, p_idem_key text default null
) returns void language sql as $$
  insert into event (type, source, book, run_id, correlation_id, market_time, payload, idem_key)
  values (p_type, p_source, p_book, p_run_id, p_correlation_id, p_market_time, p_payload, p_idem_key)
  on conflict (idem_key) do nothing
$$;

-- Numbers every committed event that has none. Returns how many; NOTIFYs `event` with first and last id only.
create function sequence_events() returns bigint language plpgsql as $$
declare
  v_last bigint;
  v_count bigint;
begin
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

create function event_json(e event) returns jsonb language sql stable as $$
  select jsonb_build_object('id', e.id, 'type', e.type, 'source', e.source, 'book', e.book, 'timestamp', e.market_time,
    'recorded_at', e.recorded_at, 'payload', e.payload, 'run_id', e.run_id, 'correlation_id', e.correlation_id)
$$;
