-- What a model call may cost at most, noted before it is made. A call whose worker dies has cost that, as far as we can know.
create table model_call_reservation (
  call_id text not null,
  attempt int not null check (attempt > 0),
  agent text not null check (agent in ('broker', 'execution', 'judge')),
  reserved_usd amount not null check (reserved_usd >= 0),
  reserved_at time_ms not null default now_ms(),
  -- Its call is in model_call, with what it did cost.
  is_settled boolean not null default false,
  primary key (call_id, attempt)
);
create index model_call_reservation_open on model_call_reservation (reserved_at) where not is_settled;

-- USD that models cost since a wall time: what calls did cost, and what those cost at most that never came to an end.
create function spent_on_models(p_since time_ms, p_agent text default null) returns numeric language sql stable as $$
  select coalesce((select sum(cost_usd) from model_call where recorded_at >= p_since and (p_agent is null or agent = p_agent)), 0)
    + coalesce((select sum(reserved_usd) from model_call_reservation
        where not is_settled and reserved_at >= p_since and (p_agent is null or agent = p_agent)), 0)
$$;

-- Notes a call where it fits into the budget, one caller at a time; answers what was spent before it.
create function reserve_model_cost(p_call_id text, p_attempt int, p_agent text, p_most_usd numeric, p_budget_usd numeric, p_since time_ms)
returns table (is_reserved boolean, spent_usd text) language plpgsql as $$
declare v_spent numeric;
begin
  perform pg_advisory_xact_lock(hashtextextended('model budget', 0));
  v_spent := spent_on_models(p_since);
  is_reserved := v_spent + p_most_usd <= p_budget_usd;
  spent_usd := as_text(v_spent);
  if is_reserved then
    insert into model_call_reservation (call_id, attempt, agent, reserved_usd) values (p_call_id, p_attempt, p_agent, p_most_usd);
  end if;
  return next;
end $$;
