import { describe, expect, it } from 'vitest'
import { budgetLeft, reserveCall } from './budget.ts'
import { carefulMaximum } from './price-table.ts'

const noon = Date.UTC(2026, 10, 24, 12)

/** A day's book as the database keeps it. */
function bookOf(spentUsd: number) {
  const book = { spentUsd, asked: [] as object[] }
  const reserve = async (wish: { mostUsd: string; budgetUsd: string; since: number }) => {
    book.asked.push(wish)
    const isReserved = book.spentUsd + Number(wish.mostUsd) <= Number(wish.budgetUsd)
    const before = book.spentUsd
    if (isReserved) book.spentUsd += Number(wish.mostUsd)
    return { isReserved, spentUsd: String(before) }
  }
  return { book, reserve }
}

const budget = { dailyBudgetUsd: 5, unknownModelPrice: carefulMaximum }
/** 0.035 USD at most. */
const most = { model: 'openai:gpt-4o', tokensIn: 10_000, tokensOut: 1000 }

describe('reserveCall', () => {
  it('sets aside the most that a call may cost, on the UTC day of wall time', async () => {
    for (const now of [Date.UTC(2026, 10, 24), noon, Date.UTC(2026, 10, 25) - 1]) {
      const { book, reserve } = bookOf(0)
      expect(await reserveCall({ most, budget, reserve, now })).toEqual({ ok: true })
      expect(book.asked).toEqual([{ mostUsd: '0.035', budgetUsd: '5', since: Date.UTC(2026, 10, 24) }])
    }
  })

  it('refuses a call that might go over the budget, with the figures', async () => {
    const ask = (spent: number) => reserveCall({ most, budget, reserve: bookOf(spent).reserve, now: noon })
    expect(await ask(4.965)).toEqual({ ok: true })
    expect(await ask(4.966)).toEqual({
      ok: false,
      reason: 'over_budget',
      detail: 'model calls of this UTC day cost 4.966 USD, this one may cost 0.035 USD, the budget is 5 USD',
    })
  })

  it('never lets a day spend more than its budget, and stops before a budget of 0', async () => {
    const { book, reserve } = bookOf(0)
    while ((await reserveCall({ most, budget, reserve, now: noon })).ok);
    expect(book.spentUsd).toBeLessThanOrEqual(5)
    expect(book.spentUsd).toBeGreaterThan(4.9)
    expect(await reserveCall({ most, budget: { ...budget, dailyBudgetUsd: 0 }, reserve: bookOf(0).reserve, now: noon })).toMatchObject({
      ok: false,
    })
  })

  it('counts a model without a listed price at the price that was set, and asks nobody about a free one', async () => {
    const ask = async (model: string, unknownModelPrice = carefulMaximum) => {
      const { book, reserve } = bookOf(4.999)
      const { ok } = await reserveCall({ most: { ...most, model }, budget: { ...budget, unknownModelPrice }, reserve, now: noon })
      return { ok, asked: book.asked.length }
    }
    expect(await ask('offline')).toEqual({ ok: true, asked: 0 })
    expect(await ask('openai:llama3:8b')).toEqual({ ok: false, asked: 1 })
    expect(await ask('openai:llama3:8b', { input: '0', output: '0.001' })).toEqual({ ok: true, asked: 1 })
    expect(await ask('openai:llama3:8b', { input: '0', output: '0' })).toEqual({ ok: true, asked: 0 })
  })
})

describe('budgetLeft', () => {
  it('is exact, and never below 0', () => {
    expect(budgetLeft({ dailyBudgetUsd: 5, spentUsd: '4.99999999' })).toBe('0.00000001')
    expect(budgetLeft({ dailyBudgetUsd: 5, spentUsd: '7' })).toBe('0')
  })
})
