import { defaultFillModel, maxImpact } from '../../order/fill-model.ts'
import { minuteMs } from '../../market/timeframe.ts'
import type { BacktestSettings } from '../settings.ts'
import type { Book } from './book.ts'
import { roundFillPrice } from './rounding.ts'

// `core/order/quote`, `slippage` and `core/market/candle-ticks` in doubles. Plain arguments: these run for every order and tick.

export function bidOf(book: Book, price: number, halfSpread: number): number {
  return halfSpread === 0 ? price : Math.round((price - price * halfSpread) * book.quotesPerUnit) / book.quotesPerUnit
}

export function askOf(book: Book, price: number, halfSpread: number): number {
  return halfSpread === 0 ? price : Math.round((price + price * halfSpread) * book.quotesPerUnit) / book.quotesPerUnit
}

/** Quote notional of the last full minute before candle `row`; 0 at the beginning and after a gap, when nothing was traded in it. */
export function lastMinuteNotional({ columns }: Book, row: number): number {
  const { start, close, volume, timeframeMs } = columns
  if (row < 1 || start[row - 1]! + timeframeMs !== start[row]!) return 0
  return (close[row - 1]! * volume[row - 1]! * minuteMs) / timeframeMs
}

/** Impact as a ratio of the price: impact bps x sqrt(notional / last minute's), at most a half; 100 bps after an empty minute. */
export function impactOf(settings: BacktestSettings, notional: number, lastMinute: number): number {
  if (settings.fills === 'reference') return 0
  if (!(lastMinute > 0)) return defaultFillModel.unknownImpactBps / 10_000
  return Math.min(maxImpact, (Math.sqrt(notional / lastMinute) * settings.impactBps) / 10_000)
}

/** What a taker gets at a touch. */
export function takerPrice(settings: BacktestSettings, isBuy: boolean, touch: number, impact: number): number {
  if (settings.fills === 'reference') return touch
  return roundFillPrice(touch * (isBuy ? 1 + impact : 1 - impact), isBuy)
}
