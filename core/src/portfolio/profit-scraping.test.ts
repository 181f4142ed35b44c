import { describe, expect, it } from 'vitest'
import { parseScrapePercentage, scrapeFraction } from './profit-scraping.ts'

const percentage = (input: string | number): number | string => {
  const result = parseScrapePercentage(input)
  return result.ok ? result.percentage : result.reason
}

describe('scrape percentage', () => {
  it('reads 20%, 20 and 0.2 as the same', () => {
    expect(['20%', ' 20 % ', '20', 20, '0.2', 0.2].map(percentage)).toEqual([20, 20, 20, 20, 20, 20])
  })

  it('keeps zero at zero and everything at everything', () => {
    expect([0, '0', '0%', '1%', '100%', 100, '0.5%', 0.07].map(percentage)).toEqual([0, 0, 0, 1, 100, 100, 0.5, 7])
  })

  it('refuses a bare 1, which could be a hundredth or all', () => {
    expect(parseScrapePercentage(1)).toEqual({ ok: false, reason: 'AMBIGUOUS', detail: '1 could mean 1 % or 100 %: write "1%" or "100%"' })
    expect(['1', '1.0'].map(percentage)).toEqual(['AMBIGUOUS', 'AMBIGUOUS'])
  })

  it('refuses what is no percentage', () => {
    expect([-0.1, '-5%', 101, '2000%'].map(percentage)).toEqual(Array(4).fill('OUT_OF_RANGE'))
    expect(['', 'all', '20%%', Number.NaN, Number.POSITIVE_INFINITY, '1e1'].map(percentage)).toEqual(Array(6).fill('NOT_A_NUMBER'))
  })

  it('becomes a fraction without a rounding error', () => {
    expect([20, 7, 100, 0].map(scrapeFraction)).toEqual([0.2, 0.07, 1, 0])
  })
})
