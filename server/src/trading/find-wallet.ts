import type { Wallet } from '@trader/core/contract/wallet'

/** The wallet that a person means by an id, a name or an asset. */
export function findWallet(wallets: readonly Wallet[], wanted: string): { ok: true; wallet: Wallet } | { ok: false; detail: string } {
  const word = wanted.trim().toLowerCase()
  const wallet = wallets.find(({ wallet_id, name, asset }) => [String(wallet_id), name.toLowerCase(), asset.toLowerCase()].includes(word))
  if (wallet !== undefined) return { ok: true, wallet }
  const known = wallets.map(({ wallet_id, name }) => `${wallet_id} (${name})`).join(', ')
  return { ok: false, detail: `there is no wallet ${JSON.stringify(wanted)}; there are ${known || 'none'}` }
}
