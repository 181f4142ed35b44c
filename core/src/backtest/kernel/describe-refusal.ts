import type { DeniedReason } from '../../risk/denied-reason.ts'
import type { RiskLimits } from '../../risk/limits.ts'
import {
  type CheckInput,
  exposure,
  grossExposure,
  isFarBeyondTouch,
  leastNotional,
  minutesHeld,
  neededEdgeBps,
  secondsSinceEntry,
  sellable,
  unpriced,
} from './check-wish.ts'

/** A refusal as a sentence with the numbers that decided. */
export function describeRefusal(reason: DeniedReason, input: CheckInput): string {
  const { sized, book, account, settings } = input
  const what = `${sized.isEntry ? 'BUY' : 'SELL'} ${sized.quantity} ${book.id}`
  switch (reason) {
    case 'INVALID_ORDER':
      return `${what}: limit ${sized.limitPrice}, stop ${sized.stopPrice} and take-profit ${sized.takeProfit} must lie around ${sized.expectedPrice}, bid ${sized.bid}`
    case 'INSUFFICIENT_CASH':
      return `${what} needs ${sized.hold} with fee and buffer; ${account.freeCash} is available`
    case 'INSUFFICIENT_HOLDINGS':
      return `${what}; ${sellable(input)} is available`
    case 'MIN_HOLD':
      return `${book.id} was bought ${minutesHeld(input).toFixed(1)} minutes ago; hold ${settings.minHoldMinutes}`
    case 'MISSING_MARKET_DATA':
      return `equity is unknown: no price of ${unpriced(input)?.id}`
    default:
      return settings.limits === null ? `${what} is less than one increment` : describeLimit(reason, input, settings.limits)
  }
}

function describeLimit(reason: DeniedReason, input: CheckInput, limits: RiskLimits): string {
  const { sized, book, day, equity, risk, account } = input
  switch (reason) {
    case 'MIN_NOTIONAL':
      return `${book.id}: ${sized.worth} is asked for; the least is ${leastNotional(input, limits)} and one increment`
    case 'PRICE_SANITY':
      return isFarBeyondTouch(sized, limits)
        ? `limit ${sized.limitPrice} is more than ${percent(limits.max_limit_deviation)} beyond ${sized.isEntry ? sized.ask : sized.bid}`
        : `bid ${sized.bid} and ask ${sized.ask} are further apart than ${percent(limits.max_spread)}`
    case 'DUPLICATE_INTENT':
      return `an entry like ${sized.quantity} ${book.id} was placed within ${limits.duplicate_window_seconds} s`
    case 'COOL_DOWN':
      return `${secondsSinceEntry(input)} s since the last entry of ${book.id}; wait ${limits.cool_down_seconds} s`
    case 'MAX_DAILY_LOSS':
      return `the day has lost ${day.startEquity - equity} of ${day.startEquity}; entries stop at ${percent(limits.max_daily_loss)}`
    case 'MAX_DAILY_ORDERS':
      return `${day.orders} orders were accepted today; at most ${limits.max_orders_per_day} are allowed`
    case 'MAX_CONCENTRATION':
      return `${book.id} would be ${exposure(book) + sized.notional} of equity ${equity}; at most ${percent(limits.max_position)} is allowed`
    case 'MAX_GROSS_EXPOSURE':
      return `all positions would be ${grossExposure(input) + sized.notional} of equity ${equity}; at most ${percent(limits.max_gross_exposure)} is allowed`
    case 'CASH_RESERVE':
      return `leaves ${account.freeCash - sized.hold} in cash; ${percent(limits.cash_reserve)} of equity ${equity} must stay`
    case 'DAILY_RISK_BUDGET':
      return `risks ${risk} down to its stop; ${day.riskUsed} of today's ${day.startEquity * limits.daily_risk_budget} is used`
    case 'COST_GATE':
      return `expected edge ${sized.expectedEdgeBps} bps; it must bring ${neededEdgeBps(input, limits).toFixed(2)} bps`
    default:
      throw new Error(`the kernel refuses nothing for ${reason}`)
  }
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(12))} %`
}
