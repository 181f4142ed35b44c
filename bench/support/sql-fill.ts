/** `bench_fill(order id)`: books a small fill, computed by the database itself, so that nothing but the database is measured. */
export const sqlFill = `create function bench_fill(p_order uuid) returns jsonb language plpgsql as $$
declare o orders; b positions; v_version bigint;
begin
  select * into o from orders where order_id = p_order for no key update;
  select * into b from positions where run_id = o.run_id and book = o.book and product = o.product;
  v_version := coalesce(b.version, 0) + 1;
  return record_fill(jsonb_build_object('run_id', o.run_id, 'book', o.book, 'correlation_id', o.correlation_id, 'scrape_fraction', 0.2,
    'order_state', 'PARTIAL', 'realized_pnl', '0', 'scraped', '0',
    'fill', jsonb_build_object('fill_id', gen_random_uuid(), 'order_id', o.order_id, 'trade_id', v_version::text, 'product', o.product,
      'side', 'BUY', 'quantity', '0.01', 'price', '100', 'notional', '1', 'fee', '0.006', 'liquidity', 'taker', 'market_time', o.market_time + 1),
    'position', jsonb_build_object('product', o.product, 'quantity', (coalesce(b.quantity, 0) + 0.01)::text, 'cost_basis', (coalesce(b.cost_basis, 0) + 1)::text,
      'entry_fees', (coalesce(b.entry_fees, 0) + 0.006)::text, 'average_price', '100', 'realized_pnl', '0', 'version', v_version)));
end $$`
