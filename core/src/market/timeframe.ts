/** Names of candle lengths and their milliseconds. */
export const timeframes = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '4h': 14_400_000,
  '6h': 21_600_000,
  '12h': 43_200_000,
  '1d': 86_400_000,
  '1w': 604_800_000,
} as const
export type TimeframeName = keyof typeof timeframes

export const minuteMs = timeframes['1m']

/** Length in ms of a named timeframe, or undefined for a name that is none. */
export function timeframeMs(name: string): number | undefined {
  return Object.entries(timeframes).find(([known]) => known === name)?.[1]
}

/** `1h` of 3600000; a length without a name is told in ms. */
export function timeframeName(lengthMs: number): string {
  return Object.entries(timeframes).find(([, known]) => known === lengthMs)?.[0] ?? `${lengthMs}ms`
}
