-- Amounts are numeric(38,18) and leave as trimmed text, never as JSON numbers. Times are milliseconds since 1970:
-- `market_time` is the clock of trading, everything named `..._at` is wall time.

create domain amount as numeric(38, 18);
create domain time_ms as bigint check (value between 0 and 8640000000000000);
create domain book_name as text check (value ~ '^(paper|live|shadow:[1-9][0-9]{0,8})$');
create domain sha256_hex as text check (value ~ '^[0-9a-f]{64}$');

create function now_ms() returns bigint language sql volatile
as $$ select (extract(epoch from clock_timestamp()) * 1000)::bigint $$;

-- An amount as the contract's decimal text.
create function as_text(value numeric) returns text language sql immutable strict
as $$ select trim_scale(value)::text $$;

-- jsonb has one text per value (sorted keys), so equal bodies have equal hashes.
create function body_hash(body jsonb) returns text language sql immutable strict
as $$ select encode(sha256(convert_to(body::text, 'UTF8')), 'hex') $$;

create function base_of(product text) returns text language sql immutable strict as $$ select split_part(product, '-', 1) $$;
create function quote_of(product text) returns text language sql immutable strict as $$ select split_part(product, '-', 2) $$;

-- A refusal: caught by once() and returned as { ok: false, reason, detail }; nothing that happened before it stays.
create function refuse(reason text, detail text, extra jsonb default '{}') returns void language plpgsql as $$
begin
  raise exception using errcode = 'TRDNY', message = reason, detail = detail, hint = extra::text;
end $$;

-- Every use-case that moves money runs through here, so that the same key is the same call for ever.
create table idempotency (
  idem_key text primary key,
  kind text not null,
  body_sha256 sha256_hex not null,
  result jsonb not null,
  recorded_at time_ms not null default now_ms()
);

-- Runs apply_<kind>(args) once per key. `fact` is what must be equal when the key comes again; args may carry more.
-- A refusal stores nothing, so its key may be tried again.
create function once(p_kind text, p_key text, p_fact jsonb, p_args jsonb) returns jsonb language plpgsql as $$
declare
  v_hash text := body_hash(p_fact);
  v_stored idempotency;
  v_result jsonb;
  v_reason text;
  v_detail text;
  v_extra text;
begin
  if p_key is null or p_key = '' then raise exception '% needs an idempotency key', p_kind; end if;
  perform pg_advisory_xact_lock(hashtextextended(p_key, 0));
  select * into v_stored from idempotency where idem_key = p_key;
  if found then
    if v_stored.kind = p_kind and v_stored.body_sha256 = v_hash then return v_stored.result || '{"exists": true}'; end if;
    return jsonb_build_object('ok', false, 'reason', 'IDEMPOTENCY_CONFLICT',
      'detail', format('key %s was used before for another %s', p_key, v_stored.kind));
  end if;
  begin
    execute format('select %I($1)', 'apply_' || p_kind) into v_result using p_args;
  exception when sqlstate 'TRDNY' then
    get stacked diagnostics v_reason = message_text, v_detail = pg_exception_detail, v_extra = pg_exception_hint;
    return jsonb_build_object('ok', false, 'reason', v_reason, 'detail', v_detail) || v_extra::jsonb;
  end;
  insert into idempotency (idem_key, kind, body_sha256, result) values (p_key, p_kind, v_hash, v_result);
  return v_result || '{"exists": false}';
end $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;

-- History tables: rows are added, never changed, removed or truncated.
create function make_append_only(p_table regclass) returns void language plpgsql as $$
begin
  execute format('create trigger append_only_row before update or delete on %s for each row execute function refuse_change()', p_table);
  execute format('create trigger append_only_table before truncate on %s for each statement execute function refuse_change()', p_table);
end $$;

select make_append_only('idempotency');

-- The data directory's own mark, so that a stack never joins another stack's database.
create table stack_info (
  only_row boolean primary key default true check (only_row),
  stack_id text not null,
  created_at time_ms not null default now_ms()
);
