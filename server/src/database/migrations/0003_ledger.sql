create table run (
  run_id text primary key,
  market text not null check (market in ('simulated', 'replay', 'coinbase', 'ccxt')),
  file_hashes text[] not null,
  products text[] not null check (cardinality(products) > 0),
  seed bigint not null,
  book book_name not null,
  identity_sha256 sha256_hex not null,
  status text not null default 'open' check (status in ('open', 'finished')),
  started_at time_ms not null default now_ms(),
  finished_at time_ms,
  cursor time_ms,
  check ((status = 'finished') = (finished_at is not null))
);
-- A start with the same identity resumes: there is one open run of each.
create unique index one_open_run on run (identity_sha256) where status = 'open';

create table asset (
  asset text primary key check (asset ~ '^[A-Z0-9]{1,12}$'),
  decimals smallint not null default 8 check (decimals between 0 and 18)
);

-- One asset's money in one book. Paper wallets belong to a run; live ones (run_id null) outlive it.
create table wallet (
  wallet_id bigint generated always as identity primary key,
  name text not null,
  run_id text references run,
  book book_name not null,
  asset text not null references asset,
  tradeable_fraction numeric(19, 18) not null check (tradeable_fraction between 0 and 1),
  -- Net spent by trades since the fraction was set; below zero when trades brought more in.
  net_spent amount not null default 0,
  updated_at time_ms not null default now_ms(),
  unique nulls not distinct (book, run_id, asset)
);

create table account (
  account_id bigint generated always as identity primary key,
  wallet_id bigint references wallet,
  run_id text references run,
  book book_name not null,
  asset text not null references asset,
  kind text not null check (kind in ('available', 'scraped', 'fees', 'exchange_clearing', 'equity', 'suspense', 'external', 'rounding')),
  posted amount not null default 0,
  held amount not null default 0 check (held >= 0),
  -- Null: may be negative, as the other side of somebody's money must be.
  min_available amount,
  version bigint not null default 0,
  unique nulls not distinct (book, run_id, asset, kind),
  unique (account_id, asset),
  check ((wallet_id is not null) = (kind in ('available', 'scraped'))),
  constraint available_not_below_minimum check (min_available is null or posted - held >= min_available)
);

create table txn (
  txn_id bigint generated always as identity primary key,
  idem_key text not null unique,
  body_sha256 sha256_hex not null,
  kind text not null check (kind in ('seed', 'fill', 'scrape', 'adjustment', 'reversal')),
  run_id text references run,
  book book_name not null,
  market_time time_ms not null,
  recorded_at time_ms not null default now_ms(),
  correlation_id text,
  reverses_txn_id bigint unique references txn,
  hash_ver smallint not null default 1,
  -- The database transaction that wrote it: entries may only join then.
  written_by xid8 not null default pg_current_xact_id(),
  check ((kind = 'reversal') = (reverses_txn_id is not null))
);
create index txn_by_run on txn (run_id, txn_id);

create table entry (
  txn_id bigint not null references txn,
  seq int not null check (seq > 0),
  account_id bigint not null,
  asset text not null,
  amount amount not null check (amount <> 0),
  balance_after amount not null,
  account_version bigint not null,
  primary key (txn_id, seq),
  unique (account_id, account_version),
  foreign key (account_id, asset) references account (account_id, asset)
);

-- I5, I6: balances and versions change only by an entry, so posted is the sum of entries by construction.
create function entry_posts() returns trigger language plpgsql as $$
begin
  if (select written_by from txn where txn_id = new.txn_id) <> pg_current_xact_id() then
    raise exception 'txn % is closed: an entry can only join the transaction that made it', new.txn_id using errcode = 'restrict_violation';
  end if;
  update account set posted = posted + new.amount, version = version + 1
  where account_id = new.account_id
  returning posted, version into new.balance_after, new.account_version;
  return new;
end $$;
create trigger posts before insert on entry for each row execute function entry_posts();

-- I1: at COMMIT the entries of a transaction sum to zero in every asset, and there are at least two.
create function txn_balances() returns trigger language plpgsql as $$
declare v_bad text;
begin
  select string_agg(format('%s %s', as_text(total), asset), ', ') into v_bad
  from (select asset, sum(amount) as total from entry where txn_id = new.txn_id group by asset) as sums where total <> 0;
  if v_bad is not null then
    raise exception 'txn % does not balance: left over %', new.txn_id, v_bad using errcode = 'integrity_constraint_violation';
  end if;
  if (select count(*) from entry where txn_id = new.txn_id) < 2 then
    raise exception 'txn % needs at least two entries', new.txn_id using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create constraint trigger balances after insert on txn deferrable initially deferred for each row execute function txn_balances();
create constraint trigger balances after insert on entry deferrable initially deferred for each row execute function txn_balances();

select make_append_only('txn');
select make_append_only('entry');

-- A part of an account that one order has reserved.
create table hold (
  hold_id bigint generated always as identity primary key,
  idem_key text not null unique,
  order_id uuid not null unique,
  account_id bigint not null references account,
  amount amount not null check (amount > 0),
  consumed amount not null default 0 check (consumed between 0 and amount),
  state text not null default 'open' check (state in ('open', 'consumed', 'released')),
  opened_at time_ms not null default now_ms(),
  closed_at time_ms,
  check ((state = 'open') = (closed_at is null))
);
create index hold_open on hold (account_id) where state = 'open';

create function open_part(h hold) returns numeric language sql immutable as $$
  select case when h.state = 'open' then h.amount - h.consumed else 0 end
$$;

-- I7: held is the sum of open holds by construction.
create function hold_moves_held() returns trigger language plpgsql as $$
declare v_change numeric := open_part(new);
begin
  if tg_op = 'UPDATE' then
    if old.state <> 'open' then raise exception 'hold % is closed', old.hold_id using errcode = 'restrict_violation'; end if;
    if (new.order_id, new.account_id, new.amount) is distinct from (old.order_id, old.account_id, old.amount) or new.consumed < old.consumed then
      raise exception 'hold % can only be consumed or closed', old.hold_id using errcode = 'restrict_violation';
    end if;
    v_change := v_change - open_part(old);
  end if;
  update account set held = held + v_change where account_id = new.account_id;
  return null;
end $$;
create trigger moves_held after insert or update on hold for each row execute function hold_moves_held();
create trigger append_only_row before delete on hold for each row execute function refuse_change();
create trigger append_only_table before truncate on hold for each statement execute function refuse_change();

-- Posted, held and version are written by the two triggers above and by nothing else.
create function account_is_derived() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if (new.posted, new.held, new.version) is distinct from (0::numeric, 0::numeric, 0::bigint) then
      raise exception 'account of % must start empty', new.asset using errcode = 'restrict_violation';
    end if;
  elsif pg_trigger_depth() < 2 and (new.posted, new.held, new.version) is distinct from (old.posted, old.held, old.version) then
    raise exception 'account % changes only by entries and holds', old.account_id using errcode = 'restrict_violation';
  elsif (new.asset, new.kind, new.book, new.run_id, new.wallet_id) is distinct from (old.asset, old.kind, old.book, old.run_id, old.wallet_id) then
    raise exception 'account % keeps its asset, kind and owner', old.account_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger is_derived before insert or update on account for each row execute function account_is_derived();
create trigger append_only_row before delete on account for each row execute function refuse_change();
create trigger append_only_table before truncate on account for each statement execute function refuse_change();

create table wallet_audit (
  audit_id bigint generated always as identity primary key,
  wallet_id bigint not null references wallet,
  old_fraction numeric(19, 18) not null,
  new_fraction numeric(19, 18) not null,
  who text not null,
  reason text not null,
  recorded_at time_ms not null default now_ms()
);
select make_append_only('wallet_audit');

create table trading_flag (
  book book_name primary key,
  state text not null default 'active' check (state in ('active', 'paused', 'halted')),
  who text not null default 'system',
  reason text not null default 'initial state',
  version bigint not null default 0,
  changed_at time_ms not null default now_ms()
);
insert into trading_flag (book) values ('paper'), ('live');

create table trading_flag_change (
  book book_name not null references trading_flag,
  version bigint not null,
  old_state text not null,
  new_state text not null,
  who text not null,
  reason text not null,
  recorded_at time_ms not null default now_ms(),
  primary key (book, version)
);
select make_append_only('trading_flag_change');
