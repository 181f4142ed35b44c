import { describe, expect, it } from 'vitest'
import { checkBudget } from './budget.ts'

const noon = Date.UTC(2026, 10, 24, 12)
const check = (spent: string, changes: { model?: string; dailyBudgetUsd?: number } = {}) =>
  checkBudget({ model: 'openai:gpt-4o', spentUsd: async () => spent, dailyBudgetUsd: 5, now: noon, ...changes })

describe('checkBudget', () => {
  it('allows a call while anything is left and none after', async () => {
    expect(await check('4.99999999')).toEqual({ ok: true, leftUsd: '0.00000001' })
    expect(await check('5')).toMatchObject({ ok: false, reason: 'over_budget', detail: expect.stringContaining('5 USD') })
    expect(await check('7')).toMatchObject({ ok: false, leftUsd: '0' })
    expect(await check('0', { dailyBudgetUsd: 0 })).toMatchObject({ ok: false })
  })

  it('asks for the UTC day of wall time', async () => {
    const windows: object[] = []
    const spentUsd = async (window: object) => {
      windows.push(window)
      return '0'
    }
    for (const now of [Date.UTC(2026, 10, 24), noon, Date.UTC(2026, 10, 25) - 1])
      await checkBudget({ model: 'openai:gpt-4o', spentUsd, dailyBudgetUsd: 5, now })
    expect(windows).toEqual(Array.from({ length: 3 }, () => ({ from: Date.UTC(2026, 10, 24), to: Date.UTC(2026, 10, 25) })))
  })

  it('never stops a free model', async () => {
    expect(await check('9', { model: 'offline' })).toEqual({ ok: true, leftUsd: '0' })
  })

  it('lets a day spend at most the budget and one call', async () => {
    let spent = 0
    while ((await check(spent.toFixed(2))).ok) spent += 0.7
    expect(spent).toBeLessThanOrEqual(5 + 0.7)
  })
})
