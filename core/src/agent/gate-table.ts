/** When a nudge deserves a model call, per product. Times are market time. */
export interface GateLimits {
  /** A move of at least this many percent since the last evaluation deserves a call. */
  readonly minPriceMovePct: number
  /** So does an evaluation this old. */
  readonly maxStalenessMs: number
  /** So does a price this close (in percent of it) to a stop or take-profit, but not more often than `nearExitEveryMs`. */
  readonly nearExitPct: number
  readonly nearExitEveryMs: number
  /** Calls in any rolling window: one more is refused. */
  readonly maxCalls: number
  readonly callWindowMs: number
}

/** The defaults, one table. Sources: `EXECUTION_MIN_PRICE_MOVE_PCT`, `EXECUTION_MAX_STALENESS_SECONDS`, `EXECUTION_MAX_CALLS_PER_HOUR_PER_SYMBOL`. */
export const gateTable: GateLimits = {
  minPriceMovePct: 0.5,
  maxStalenessMs: 1_800_000,
  nearExitPct: 0.25,
  nearExitEveryMs: 300_000,
  maxCalls: 60,
  callWindowMs: 3_600_000,
}
