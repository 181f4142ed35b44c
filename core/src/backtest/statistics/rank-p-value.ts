/**
 * One-sided p-value of an observed figure among simulated ones: (1 + how many are at least as large) / (1 + how many there are). What
 * was observed counts as one of them, so it is never 0 (Davison and Hinkley 1997, section 4.2). 1 of none.
 */
export function rankPValue({ observed, simulated }: { readonly observed: number; readonly simulated: readonly number[] }): number {
  return (1 + simulated.filter((value) => value >= observed).length) / (1 + simulated.length)
}
