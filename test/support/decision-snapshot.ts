import type { DecisionSnapshot, ProductView } from '@trader/core/agent/decision-snapshot'
import type { Candle } from '@trader/core/contract/candle'
import { defaultPreferences } from '@trader/core/contract/preferences'
import { firstPromptVersion } from '@trader/core/judge/first-prompt-version'
import { quoteAround } from '@trader/core/market/candle-ticks'
import { computeFeatureVector } from '@trader/core/market/feature-vector'

export const minute = 60_000

/** One-minute candles through these closes, each opening at the close before, from 1970 on. */
export function candlesOf(closes: readonly number[], product = 'BTC-USD'): Candle[] {
  return closes.map((close, index) => {
    const open = closes[index - 1] ?? close
    return {
      product,
      start: index * minute,
      timeframe_ms: minute,
      open: open.toFixed(2),
      high: Math.max(open, close).toFixed(2),
      low: Math.min(open, close).toFixed(2),
      close: close.toFixed(2),
      volume: '10',
    }
  })
}

/** 121 minutes that wobble by `wobble` and, over the last hour, drift by `drift` (a fraction of the price). */
export function driftingCloses({
  price = 10_000,
  wobble,
  drift,
}: {
  readonly price?: number
  readonly wobble: number
  readonly drift: number
}): number[] {
  return Array.from({ length: 121 }, (_, index) => price * (1 + (index % 2 === 0 ? wobble : 0) + drift * Math.max(0, (index - 60) / 60)))
}

/** A product as seen just after the last of its candles. */
export function viewOf(candles: readonly Candle[], changes: Partial<ProductView> = {}): ProductView {
  const last = candles.at(-1)
  if (last === undefined) throw new Error('a product view needs a candle')
  const marketTime = last.start + last.timeframe_ms
  const lastTick = {
    product: last.product,
    market_time: marketTime - 1,
    price: last.close,
    ...quoteAround(last.close, 2),
    volume: '1',
    candle_volume: last.volume,
    last_minute_notional: '100000',
  }
  return {
    product: last.product,
    tick: lastTick,
    features: computeFeatureVector({ product: last.product, candles, lastTick, marketTime }),
    stop_price: null,
    take_profit: null,
    open_buy_notional: '0',
    open_sell_quantity: '0',
    entered_at: null,
    last_order_at: null,
    ...changes,
  }
}

/** A snapshot of these products at the newest tick: 10,000 in cash, nothing held, prompt version 1. */
export function snapshotOf(products: readonly ProductView[], changes: Partial<DecisionSnapshot> = {}): DecisionSnapshot {
  const { version, mode, text, text_hash, policy } = firstPromptVersion(0)
  const marketTime = Math.max(0, ...products.map((view) => (view.tick?.market_time ?? -1) + 1))
  return {
    run_id: 'run-1',
    book: 'paper',
    market_time: marketTime,
    trading: 'active',
    products: [...products],
    portfolio: portfolioOf({ cash: '10000', marketTime }),
    preferences: { ...defaultPreferences, version: 1, updated_at: 0 },
    prompt: { version, mode, text, text_hash, policy },
    feedback: [],
    limits: { min_notional: '10', taker_fee_bps: 60, stale_after_ms: 120_000 },
    risk_metrics: { cash_ratio: 1, drawdown: null },
    recent_decisions: [],
    model_budget_left_usd: null,
    ...changes,
  }
}

/** A portfolio of cash and at most one position, marked at its price. */
export function portfolioOf({
  cash,
  marketTime = 0,
  held,
}: {
  readonly cash: string
  readonly marketTime?: number
  readonly held?: { readonly product: string; readonly quantity: number; readonly price: number }
}): DecisionSnapshot['portfolio'] {
  const value = held === undefined ? 0 : held.quantity * held.price
  return {
    cash,
    held_cash: '0',
    scraped: '0',
    positions:
      held === undefined
        ? []
        : [
            {
              product: held.product,
              quantity: held.quantity.toFixed(8),
              cost_basis: value.toFixed(8),
              entry_fees: '0',
              average_price: held.price.toFixed(8),
              realized_pnl: '0',
              version: 1,
              mark_price: held.price.toFixed(8),
              mark_time: marketTime,
              mark_age_ms: 0,
              price_quality: 'live',
              market_value: value.toFixed(8),
              unrealized_pnl: '0',
            },
          ],
    position_value: value.toFixed(8),
    equity: (Number(cash) + value).toFixed(8),
    realized_pnl: '0',
    unrealized_pnl: '0',
    total_pnl: '0',
    fees: '0',
    price_quality: 'live',
    market_time: marketTime,
  }
}
