/** Share of time with a position: time after samples that had one / whole time, a fraction. Null without a span; samples in order of time. */
export function timeInMarket(samples: readonly { readonly marketTime: number; readonly hasPosition: boolean }[]): number | null {
  let invested = 0
  let whole = 0
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1]
    if (before === undefined) continue
    const span = sample.marketTime - before.marketTime
    whole += span
    if (before.hasPosition) invested += span
  }
  return whole > 0 ? invested / whole : null
}
