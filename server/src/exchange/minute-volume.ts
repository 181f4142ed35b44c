import { Decimal, toText, zero } from '@trader/core/money/decimal'
import { minuteMs } from '@trader/core/market/timeframe'

/** What was traded of one product in the minute now, and in the last one with a trade before it. A plain value. */
export interface MinuteVolume {
  readonly current: TradedMinute | null
  readonly previous: TradedMinute | null
}

export interface TradedMinute {
  /** Start of the minute, ms. */
  readonly start: number
  readonly volume: Decimal
  readonly notional: Decimal
}

export const noVolume: MinuteVolume = { current: null, previous: null }

/** Counts a trade; one of a minute that is over is too late to count. */
export function addTrade(
  state: MinuteVolume,
  trade: { readonly price: string; readonly size: string; readonly time: number },
): MinuteVolume {
  const start = trade.time - (trade.time % minuteMs)
  const size = new Decimal(trade.size)
  const notional = size.times(trade.price)
  const { current } = state
  if (current !== null && start < current.start) return state
  if (current === null || start > current.start) return { current: { start, volume: size, notional }, previous: current }
  return { ...state, current: { start, volume: current.volume.plus(size), notional: current.notional.plus(notional) } }
}

/**
 * `candle_volume` and `last_minute_notional` of a tick: the sums of size and of price x size over the last full minute before it;
 * "0" and null where nothing was traded in it.
 */
export function lastFullMinute(
  state: MinuteVolume,
  time: number,
): { readonly candle_volume: string; readonly last_minute_notional: string | null } {
  const start = time - (time % minuteMs) - minuteMs
  const minute = [state.current, state.previous].find((each) => each?.start === start)
  const volume = minute?.volume ?? zero
  return {
    candle_volume: toText(volume),
    last_minute_notional: minute === undefined || volume.isZero() ? null : toText(minute?.notional ?? zero),
  }
}
