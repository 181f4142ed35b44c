-- The audit: what every fact was when it was written (docs/audit.md). A trigger queues each fact in the fact's own transaction, so
-- a record is queued exactly when its transaction commits, whatever the order of ids. The sealer moves the queue into leaves and seals.
create table audit_queue (
  queue_id bigint generated always as identity primary key,
  -- The table's name and the row's primary key, its parts joined by '/'.
  kind text not null,
  id text not null,
  op text not null check (op in ('genesis', 'insert', 'update', 'delete')),
  -- The row after the change, where the row may change again; null where it never does and can be read later.
  content jsonb,
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
  seal bigint not null references audit_seal,
  -- Place in the seal's tree, from 0.
  leaf int not null check (leaf >= 0),
  kind text not null,
  id text not null,
  op text not null,
  content jsonb,
  hash sha256_hex not null,
  primary key (seal, leaf)
);
create index audit_leaf_by_record on audit_leaf (kind, id, seal desc, leaf desc);
select make_append_only('audit_leaf');

create function audit_key(p_row text, p_key text[]) returns text language sql immutable as $$
  select string_agg(format('%s.%I::text', p_row, part), ' || ''/'' || ' order by place) from unnest(p_key) with ordinality as k (part, place)
$$;

-- Rows that are written once: a record names the row, its content is read when it is sealed.
create function seal_rows_written_once(p_table regclass, p_key text[]) returns void language plpgsql as $$
declare v_name text := p_table::text;
begin
  execute format('create function audit_%s() returns trigger language plpgsql as %L', v_name, format(
    'begin insert into audit_queue (kind, id, op) values (%L, %s, ''insert''); return null; end', v_name, audit_key('new', p_key)));
  execute format('create trigger sealed after insert on %s for each row execute function audit_%s()', p_table, v_name);
  execute format('insert into audit_queue (kind, id, op) select %L, %s, ''genesis'' from %s as t order by %s',
    v_name, audit_key('t', p_key), p_table, array_to_string(p_key, ', '));
end $$;

-- Rows that change, and those whose key has several parts: a record holds the row after each change. Columns left out are derived from other facts, or no facts.
create function seal_rows_that_change(p_table regclass, p_key text[], p_left_out text[] default '{}') returns void language plpgsql as $$
declare
  v_name text := p_table::text;
  v_covered text := (select string_agg(format('%I', attname), ', ') from pg_attribute
    where attrelid = p_table and attnum > 0 and not attisdropped and attname <> all (p_left_out));
  -- An update of left out columns alone never calls the trigger.
  v_of text := case when p_left_out = '{}' then '' else 'of ' || v_covered end;
begin
  execute format('create function audit_%s() returns trigger language plpgsql as %L', v_name, format(
    'begin
       if tg_op = ''DELETE'' then
         insert into audit_queue (kind, id, op) values (%1$L, %2$s, ''delete'');
       else
         insert into audit_queue (kind, id, op, content) values (%1$L, %3$s, lower(tg_op), to_jsonb(new) - %4$L::text[]);
       end if;
       return null;
     end', v_name, audit_key('old', p_key), audit_key('new', p_key), p_left_out));
  execute format('create trigger sealed after insert or update %s or delete on %s for each row execute function audit_%s()', v_of, p_table, v_name);
  execute format('insert into audit_queue (kind, id, op, content) select %L, %s, ''genesis'', to_jsonb(t) - %L::text[] from %s as t order by %s',
    v_name, audit_key('t', p_key), p_left_out, p_table, array_to_string(p_key, ', '));
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
select seal_rows_written_once('prompt_text', '{text_hash}');
select seal_rows_written_once('prompt_version', '{version}');
select seal_rows_written_once('prompt_activation', '{activation_id}');
select seal_rows_written_once('preferences', '{version}');
select seal_rows_written_once('wallet_audit', '{audit_id}');

select seal_rows_that_change('equity_sample', '{run_id,market_time}');
select seal_rows_that_change('trading_flag_change', '{book,version}');
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
  insert into audit_queue (kind, id, op) select 'event', row_id::text, 'insert' from numbered order by id;
  return null;
end $$;
create trigger sealed after update on event referencing new table as numbered for each statement execute function audit_event();
insert into audit_queue (kind, id, op) select 'event', row_id::text, 'genesis' from event where id is not null order by id;
