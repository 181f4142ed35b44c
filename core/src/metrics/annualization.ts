const dayMs = 86_400_000

/** Markets here never close: a year is 365 days. */
export const yearMs = 365 * dayMs

export function periodsPerYear(periodMs: number): number {
  if (!(periodMs > 0)) throw new Error(`period must be positive, was ${periodMs} ms`)
  return yearMs / periodMs
}

/** Risk-free return per year. */
export const riskFreeRate = 0.02
