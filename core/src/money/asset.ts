/** Decimals that the ledger keeps of every asset (docs/decisions.md). */
export const ledgerScale = 8

/** Assets whose ledger scale differs. None do; an entry here needs a migration of what is already booked. */
const exceptions: ReadonlyMap<string, number> = new Map()

/** Decimals that the ledger keeps of this asset. */
export function assetScale(asset: string): number {
  return exceptions.get(asset) ?? ledgerScale
}
