const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Distance of the returns that statistics are made of, in ms, for a span of equity: enough of them, and none finer than trading. */
export function returnPeriodMs(spanMs: number): number {
  if (spanMs >= 60 * dayMs) return dayMs
  return spanMs >= 2 * dayMs ? hourMs : 5 * minuteMs
}
