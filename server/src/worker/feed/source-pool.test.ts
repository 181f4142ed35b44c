import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, it } from 'vitest'
import type { MarketSource } from '../../exchange/market-source.ts'
import { openSimulatedSource } from '../../exchange/simulated/simulated-source.ts'
import { SourcePool } from './source-pool.ts'

const request = {
  source: { market: 'simulated' as const, files: [], seed: 1, speed: 'max' as const, spread_bps: 2, exchange: null },
  products: ['BTC-USD'],
  historical_minutes: 60,
}

function counted() {
  const counts = { opened: 0, closed: 0 }
  const pool = new SourcePool(async () => {
    counts.opened += 1
    const source: MarketSource = openSimulatedSource({ seed: 1, products: ['BTC-USD'], pace: 'stepped' })
    return { ...source, close: async () => void (counts.closed += 1) }
  })
  return { pool, counts }
}

describe('the source pool', () => {
  it('keeps a source open for the next borrower and lends it to several at once', async () => {
    const { pool, counts } = counted()
    const first = await pool.lend(request, async (source) => source)
    await pool.lend(request, async (source) => {
      expect(source).toBe(first)
      await pool.lend(request, async (same) => expect(same).toBe(first))
    })
    expect(counts).toEqual({ opened: 1, closed: 0 })
    await pool.close()
    expect(counts).toEqual({ opened: 1, closed: 1 })
  })

  it('never lends a source again after a failure, and closes it when its last borrower is done', async () => {
    const { pool, counts } = counted()
    await pool.lend(request, async () => {
      await expect(pool.lend(request, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
      expect(counts.closed).toBe(0)
    })
    expect(counts).toEqual({ opened: 1, closed: 1 })
    await pool.lend(request, async () => {})
    expect(counts.opened).toBe(2)
    await pool.close()
  })

  it('refuses for good what cannot be opened from files or a seed, but not what needs a connection', async () => {
    const pool = new SourcePool(() => Promise.reject(new Error('no such file')))
    const refusal = await pool.lend(request, async () => {}).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ApplicationFailure)
    expect(refusal).toMatchObject({ type: 'SourceRefused', nonRetryable: true, message: expect.stringContaining('no such file') })
    const live = { ...request, source: { ...request.source, market: 'coinbase' as const } }
    await expect(pool.lend(live, async () => {})).rejects.not.toBeInstanceOf(ApplicationFailure)
  })
})
