-- Who may call us. Only the hash of a token is kept; the owner's token lives in the data directory alone.
create table access_token (
  token_id text primary key check (token_id ~ '^[a-z0-9]{12}$'),
  name text not null check (length(name) between 1 and 100),
  scope text not null check (scope in ('read', 'trade', 'admin')),
  token_sha256 sha256_hex not null unique,
  created_at time_ms not null default now_ms(),
  expires_at time_ms,
  revoked_at time_ms
);

create function access_token_json(t access_token) returns jsonb language sql stable as $$
  select jsonb_build_object('token_id', t.token_id, 'name', t.name, 'scope', t.scope, 'created_at', t.created_at,
    'expires_at', t.expires_at, 'revoked_at', t.revoked_at)
$$;
