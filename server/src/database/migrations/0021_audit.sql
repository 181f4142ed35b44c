-- The audit: what every fact was when it was written (docs/audit.md). A trigger queues each changed row in the change's own transaction,
-- so it is queued exactly when its transaction commits. The sealer empties the queue: it hashes the rows into leaves and signs their root.

-- Without an order, a key or an index: all of what is there is taken.
create table audit_queue (
  -- The table's name and the row's primary key, its parts joined by '/'.
  kind text not null,
  id text not null,
  queued_at bigint not null default now_ms()
);

create table audit_seal (
  seal bigint primary key check (seal > 0),
  sealed_at time_ms not null,
  -- How long its oldest record had waited.
  lag_ms bigint not null,
  records int not null check (records > 0),
  -- RFC 6962 tree over the leaves, SHA-256.
  root sha256_hex not null,
  -- Hash of the seal before; zeros before the first.
  previous sha256_hex not null,
  -- SHA-256 of the public key.
  key_id sha256_hex not null,
  -- Where the database and the seal log ended when their owner went on after one of them had been put back.
  database_ended_at bigint,
  log_ended_at bigint,
  hash sha256_hex not null,
  -- Ed25519, base64.
  signature text not null
);
select make_append_only('audit_seal');

create table audit_leaf (
  seal bigint not null,
  -- Place in the seal's tree, from 0.
  leaf int not null,
  kind text not null,
  id text not null,
  -- The row as it was hashed, where it may change again; null where it never does, and is read from the table.
  content text,
  hash bytea not null,
  primary key (seal, leaf)
);
create index audit_leaf_by_record on audit_leaf (kind, id);
select make_append_only('audit_leaf');

create function audit_id(p_row text, p_key text[]) returns text language sql immutable as $$
  select string_agg(format('%s%I::text', p_row, part), ' || ''/'' || ' order by place) from unnest(p_key) with ordinality as k (part, place)
$$;

-- Queues every row that is there, and finds rows by their id.
create function audit_begin(p_table regclass, p_key text[]) returns void language plpgsql as $$
begin
  execute format('insert into audit_queue (kind, id) select %L, %s from %s', p_table, audit_id('', p_key), p_table);
  if cardinality(p_key) > 1 then execute format('create index %s_by_audit_id on %s ((%s))', p_table, p_table, audit_id('', p_key)); end if;
end $$;

-- Rows that are written once: their records are read from the table again.
create function seal_rows_written_once(p_table regclass, p_key text[]) returns void language plpgsql as $$
begin
  execute format('create function audit_%s() returns trigger language plpgsql as %L', p_table, format(
    'begin insert into audit_queue (kind, id) values (%L, %s); return null; end', p_table, audit_id('new.', p_key)));
  execute format('create trigger sealed after insert on %s for each row execute function audit_%s()', p_table, p_table);
  perform audit_begin(p_table, p_key);
end $$;

-- Rows that change. Columns left out are derived from other facts, or no facts: an update of these alone never calls the trigger.
create function seal_rows_that_change(p_table regclass, p_key text[], p_left_out text[] default '{}') returns void language plpgsql as $$
declare
  v_covered text := (select string_agg(format('%I', attname), ', ') from pg_attribute
    where attrelid = p_table and attnum > 0 and not attisdropped and attname <> all (p_left_out));
  v_of text := case when p_left_out = '{}' then '' else 'of ' || v_covered end;
begin
  execute format('create function audit_%s() returns trigger language plpgsql as %L', p_table, format(
    'begin
       if tg_op = ''DELETE'' then insert into audit_queue (kind, id) values (%1$L, %2$s);
       else insert into audit_queue (kind, id) values (%1$L, %3$s);
       end if;
       return null;
     end', p_table, audit_id('old.', p_key), audit_id('new.', p_key)));
  execute format('create trigger sealed after insert or update %s or delete on %s for each row execute function audit_%s()', v_of, p_table, p_table);
  perform audit_begin(p_table, p_key);
end $$;

-- A posting is one record with its entries: they can only join in the transaction that made it.
select seal_rows_written_once('txn', '{txn_id}');
select seal_rows_written_once('idempotency', '{idem_key}');
select seal_rows_written_once('fill', '{fill_id}');
select seal_rows_written_once('paper_fill', '{fill_id}');
select seal_rows_written_once('trade_block', '{block_id}');
select seal_rows_written_once('decision', '{id}');
select seal_rows_written_once('model_call', '{call_id}');
select seal_rows_written_once('agent_log', '{log_id}');
select seal_rows_written_once('equity_sample', '{run_id,market_time}');
select seal_rows_written_once('prompt_text', '{text_hash}');
select seal_rows_written_once('prompt_version', '{version}');
select seal_rows_written_once('prompt_activation', '{activation_id}');
select seal_rows_written_once('preferences', '{version}');
select seal_rows_written_once('wallet_audit', '{audit_id}');
select seal_rows_written_once('trading_flag_change', '{book,version}');

select seal_rows_that_change('model_call_reservation', '{call_id,attempt}');
select seal_rows_that_change('run', '{run_id}', '{cursor}');
select seal_rows_that_change('wallet', '{wallet_id}', '{net_spent,updated_at}');
select seal_rows_that_change('account', '{account_id}', '{posted,held,version}');
select seal_rows_that_change('orders', '{order_id}');
select seal_rows_that_change('intent', '{order_id}');
select seal_rows_that_change('hold', '{hold_id}');
select seal_rows_that_change('positions', '{run_id,book,product}');
select seal_rows_that_change('trading_flag', '{book}');
select seal_rows_that_change('feedback', '{feedback_id}');
select seal_rows_that_change('access_token', '{token_id}');

-- An event is sealed once it has its number, by the sequencer's statement and not by the fact's transaction.
create function audit_event() returns trigger language plpgsql as $$
begin
  insert into audit_queue (kind, id) select 'event', row_id::text from numbered;
  return null;
end $$;
create trigger sealed after update on event referencing new table as numbered for each statement execute function audit_event();
insert into audit_queue (kind, id) select 'event', row_id::text from event where id is not null;
