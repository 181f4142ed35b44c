import { describe, expect, it } from 'vitest'
import { Secret } from '../secret.ts'
import { drawToken, lifetimeMs, tokenHash } from './access-token.ts'
import { covers, scope } from './scope.ts'

describe('a scope', () => {
  it('contains itself and the ones before it', () => {
    const table = scope.options.map((held) => scope.options.filter((needed) => covers(held, needed)))
    expect(table).toEqual([['read'], ['read', 'trade'], ['read', 'trade', 'admin']])
  })
})

describe('a token', () => {
  it('has 256 random bits and an id that tells nothing of it', () => {
    const tokens = Array.from({ length: 50 }, () => drawToken())
    expect(new Set(tokens.map(({ token }) => token.reveal())).size).toBe(50)
    for (const { tokenId, token } of tokens) {
      expect(tokenId).toMatch(/^[0-9a-f]{12}$/)
      expect(token.reveal()).toMatch(/^trader_[A-Za-z0-9_-]{43}$/)
      expect(token.reveal()).not.toContain(tokenId)
      expect(JSON.stringify({ token })).not.toContain('trader_')
    }
  })

  it('is known by its SHA-256', () => {
    expect(tokenHash(new Secret('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it.each([
    ['90m', 5_400_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
    ['0d', undefined],
    ['-1d', undefined],
    ['1w', undefined],
    ['30', undefined],
    ['', undefined],
  ])('lives for %j', (text, ms) => {
    expect(lifetimeMs(text)).toBe(ms)
  })
})
