import { id } from '@trader/core/contract/primitives'
import { timeframeMs, timeframes } from '@trader/core/market/timeframe'
import { lifetimeMs } from '../access/access-token.ts'
import { scope, type Scope } from '../access/scope.ts'
import { ExitError } from '../exit-code.ts'
import { readTime } from '../market-data/candle-dialect.ts'

// What stands after an option, checked before a command begins. A bad one ends it with exit code 2 and changes nothing.

/** A whole number as a person writes it: digits, nothing else. */
export function wholeNumber(option: string, { from, to }: { from: number; to: number }): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d{1,15}$/.test(text) && value >= from && value <= to) return value
    throw new ExitError('usage', `${option} must be a whole number from ${from} to ${to}, was ${quoted(text)}`)
  }
}

/** The first of five ports in a row. */
export const portBase = wholeNumber('--port-base', { from: 1024, to: 65_530 })

/** An id that we could have made. */
export function idText(option: string, what: string): (text: string) => string {
  return (text) => {
    if (id.safeParse(text).success) return text
    throw new ExitError('usage', `${option} must be ${what}, was ${quoted(text)}`)
  }
}

/** Text that is kept, such as a reason. */
export function shortText(option: string, most: number): (text: string) => string {
  return (text) => {
    const trimmed = text.trim()
    if (trimmed.length > 0 && trimmed.length <= most && trimmed.isWellFormed()) return trimmed
    throw new ExitError('usage', `${option} must be text of 1 to ${most} characters, was ${quoted(text)}`)
  }
}

export function scopeName(text: string): Scope {
  const parsed = scope.safeParse(text)
  if (parsed.success) return parsed.data
  throw new ExitError('usage', `--scope must be read, trade or admin, was ${quoted(text)}`)
}

/** How long a token lives, in ms. */
export type Lifetime = number | 'never'

export function lifetime(text: string): Lifetime {
  if (text === 'never') return text
  const ms = lifetimeMs(text)
  if (ms !== undefined) return ms
  throw new ExitError('usage', `--expires must be a time such as 90m, 12h or 30d, or never; was ${quoted(text)}`)
}

/** A fraction of a wallet, from 0 to 1, with at most 8 decimals as the ledger has. */
export function fractionValue(text: string): number {
  const value = Number(text)
  if (/^\d?(\.\d{1,8})?$/.test(text) && text !== '' && text !== '.' && value <= 1) return value
  throw new ExitError('usage', `the fraction must be from 0 to 1, such as 0.5; was ${quoted(text)}`)
}

/** A moment in ms: a date or a date and time in UTC, or seconds or ms since 1970. */
export function instant(option: string): (text: string) => number {
  return (text) => {
    const time = readTime(text)
    if (time !== null) return time
    throw new ExitError('usage', `${option} must be a time in UTC such as 2024-01-31 or 2024-01-31T12:00; was ${quoted(text)}`)
  }
}

/** A candle length by its name, in ms. */
export function timeframeLength(text: string): number {
  const length = timeframeMs(text)
  if (length !== undefined) return length
  throw new ExitError('usage', `--timeframe must be one of ${Object.keys(timeframes).join(', ')}; was ${quoted(text)}`)
}

export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text)
}
