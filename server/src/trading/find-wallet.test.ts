import { describe, expect, it } from 'vitest'
import type { Wallet } from '@trader/core/contract/wallet'
import { findWallet } from './find-wallet.ts'

const wallet = (wallet_id: number, asset: string): Wallet => ({
  wallet_id,
  name: `paper-${asset}`,
  run_id: 'run-1',
  book: 'paper',
  asset,
  posted: '0',
  held: '0',
  available: '0',
  scraped: '0',
  tradeable_fraction: 1,
  tradeable: '0',
  updated_at: 0,
})
const wallets = [wallet(1, 'BTC'), wallet(2, 'USD')]

describe('a wallet', () => {
  it.each(['2', 'USD', 'usd', 'paper-USD', ' Paper-usd '])('is found by %j', (word) => {
    expect(findWallet(wallets, word)).toEqual({ ok: true, wallet: wallets[1] })
  })

  it('that is not there is answered with those that are', () => {
    expect(findWallet(wallets, 'EUR')).toEqual({ ok: false, detail: 'there is no wallet "EUR"; there are 1 (paper-BTC), 2 (paper-USD)' })
  })
})
