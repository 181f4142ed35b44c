/** Retries after the first attempt. */
export const maxRetries = 2
const firstDelayMs = 500

interface FailedAttempt {
  /** HTTP status; null when no response came at all. */
  readonly status: number | null
  /** The header as sent: seconds or an HTTP date; null without one. */
  readonly retryAfter: string | null
  /** Retries made so far. */
  readonly retries: number
  /** Wall time, ms since 1970. */
  readonly now: number
}

/**
 * Ms to wait before the next attempt; null when there should be none. A busy (429) or failing (5xx) provider and a broken
 * connection deserve another attempt, two at most, after what Retry-After says, else after 0.5 s and 1 s.
 */
export function retryDelayMs({ status, retryAfter, retries, now }: FailedAttempt): number | null {
  const isTransient = status === null || status === 429 || status >= 500
  if (!isTransient || retries >= maxRetries) return null
  return retryAfterMs(retryAfter, now) ?? firstDelayMs * 2 ** retries
}

function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null
  if (/^\d{1,9}(\.\d+)?$/.test(header.trim())) return Math.ceil(Number(header) * 1000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
