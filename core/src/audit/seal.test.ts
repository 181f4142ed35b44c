import { describe, expect, it } from 'vitest'
import { beforeFirstSeal, sealHash, sealMessage, type SealBody } from './seal.ts'

const body: SealBody = {
  seal: 1,
  sealed_at: 1_700_000_000_000,
  lag_ms: 12,
  records: 3,
  root: 'a'.repeat(64),
  previous: beforeFirstSeal,
  key_id: 'b'.repeat(64),
  database_ended_at: null,
  log_ended_at: null,
}

describe('a seal', () => {
  it('has another hash when any part of it is another', () => {
    const changes: Partial<SealBody>[] = [
      { seal: 2 },
      { sealed_at: body.sealed_at + 1 },
      { lag_ms: 13 },
      { records: 4 },
      { root: 'c'.repeat(64) },
      { previous: 'c'.repeat(64) },
      { key_id: 'c'.repeat(64) },
      { database_ended_at: 0 },
      { log_ended_at: 0 },
    ]
    const hashes = [{}, ...changes].map((change) => sealHash({ ...body, ...change }))
    expect(new Set(hashes).size).toBe(changes.length + 1)
  })

  it('is signed under a first byte that neither a leaf nor a node has', () => {
    expect(sealMessage(body)[0]).toBe(2)
  })
})
