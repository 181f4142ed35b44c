import { Decimal, zero } from '../money/decimal.ts'
import { roundScrape } from '../money/round.ts'

export type ScrapePercentage =
  | { readonly ok: true; /** 0 to 100. */ readonly percentage: number }
  | { readonly ok: false; readonly reason: 'AMBIGUOUS' | 'OUT_OF_RANGE' | 'NOT_A_NUMBER'; readonly detail: string }

/** Profit to set aside: realized profit x fraction, rounded down to the asset's scale; nothing of a loss. */
export function scrapedProfit({ realized, scrapeFraction, quote }: { realized: Decimal; scrapeFraction: number; quote: string }): Decimal {
  if (!(scrapeFraction >= 0 && scrapeFraction <= 1)) throw new Error(`scrape fraction must be within 0 and 1, was ${scrapeFraction}`)
  return realized.gt(0) ? roundScrape(realized.times(scrapeFraction), quote) : zero
}

/** The fraction of a stored percentage: 0.2 for 20. */
export function scrapeFraction(percentage: number): number {
  return new Decimal(percentage).div(100).toNumber()
}

/**
 * What a user means by a scrape percentage. "20%", 20, "20" and 0.2 all mean 20 %: with a percent sign the number is a
 * percentage; without one, below 1 it is a fraction and above 1 a percentage. A bare 1 could be either, 1 % or
 * everything, and is refused.
 */
export function parseScrapePercentage(input: string | number): ScrapePercentage {
  const text = String(input).trim()
  const match = /^(-?\d{1,9}(?:\.\d{1,9})?)\s*(%?)$/.exec(text)
  if (match === null) return { ok: false, reason: 'NOT_A_NUMBER', detail: `a scrape percentage is a number such as "20%", was "${text}"` }
  const value = new Decimal(match[1] ?? '')
  const isPercentage = match[2] === '%' || value.gt(1)
  if (!isPercentage && value.eq(1)) {
    return { ok: false, reason: 'AMBIGUOUS', detail: `${text} could mean 1 % or 100 %: write "1%" or "100%"` }
  }
  const percentage = isPercentage ? value : value.times(100)
  if (percentage.lt(0) || percentage.gt(100)) {
    return { ok: false, reason: 'OUT_OF_RANGE', detail: `a scrape percentage is within 0% and 100%, was ${percentage.toFixed()}%` }
  }
  return { ok: true, percentage: percentage.toNumber() }
}
