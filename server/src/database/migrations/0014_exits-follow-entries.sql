-- An armed exit sells what its entry has filled: it grows with each later fill of the entry, in the same transaction.
create or replace function order_moves_legally() returns trigger language plpgsql as $$
begin
  if new.state <> old.state and not exists (select from order_move where from_state = old.state and to_state = new.state) then
    raise exception 'order % may not go from % to %', old.order_id, old.state, new.state using errcode = 'restrict_violation';
  end if;
  if (new.order_id, new.run_id, new.book, new.product, new.side, new.origin, new.leg) is distinct from
     (old.order_id, old.run_id, old.book, old.product, old.side, old.origin, old.leg) then
    raise exception 'order % keeps its identity', old.order_id using errcode = 'restrict_violation';
  end if;
  if new.quantity <> old.quantity
     and not (old.state = 'ARMED' and new.state = 'RESERVED' and new.quantity < old.quantity)
     and not (old.state = 'ARMED' and new.state = 'ARMED' and new.quantity > old.quantity and new.parent_order_id is not null) then
    raise exception 'order % keeps its quantity', old.order_id using errcode = 'restrict_violation';
  end if;
  if new.filled_quantity < old.filled_quantity then
    raise exception 'order % cannot unfill', old.order_id using errcode = 'restrict_violation';
  end if;
  new.updated_at := now_ms();
  return new;
end $$;

create function exits_follow_entry() returns trigger language plpgsql as $$
declare v_exit orders;
begin
  perform from orders where parent_order_id = new.order_id order by order_id for no key update;
  for v_exit in
    update orders set quantity = quantity + new.quantity where parent_order_id = new.order_id and state = 'ARMED' returning *
  loop
    perform order_event('order_updated', v_exit, new.market_time);
  end loop;
  return null;
end $$;
create trigger exits_follow after insert on fill for each row when (new.side = 'BUY') execute function exits_follow_entry();
