import { describe, expect, it } from 'vitest'
import type { MarketNotice } from '../market-source.ts'
import { watchHealth } from './ccxt-health.ts'

const unreachable = { fault: 'unreachable', detail: 'no answer' } as const
const refused = { fault: 'refused', detail: 'no' } as const

function watched() {
  const notices: MarketNotice[] = []
  const filledIn: [string, number][] = []
  const clock = { now: 0 }
  const health = watchHealth({
    venue: 'x',
    products: ['A', 'B'],
    now: () => clock.now,
    tell: (notice) => notices.push(notice),
    fillIn: (product, from) => filledIn.push([product, from]),
  })
  const told = (): string[] => notices.splice(0).map((notice) => ('product' in notice ? `${notice.type} ${notice.product}` : notice.type))
  return { ...health, clock, filledIn, told }
}

describe('the health of products', () => {
  it('says once that the exchange answers', () => {
    const { answered, told } = watched()
    answered('A')
    answered('B')
    answered('A')
    expect(told()).toEqual(['connected'])
  })

  it('calls it disconnected, once, when nothing is reachable any more, and fills in the minutes that ended', () => {
    const { answered, failed, told, clock, filledIn } = watched()
    failed('A', unreachable)
    expect(told()).toEqual([])
    clock.now = 59_000
    for (let times = 0; times < 5; times += 1) for (const product of ['B', 'A']) failed(product, unreachable)
    expect(told()).toEqual(['disconnected'])
    clock.now = 61_000
    answered('A')
    answered('B')
    expect(told()).toEqual(['connected', 'time_gap'])
    expect(filledIn).toEqual([
      ['A', 0],
      ['B', 59_000],
    ])
  })

  it('tells of a product that fails alone with its third failure in a row, and of its return', () => {
    const { answered, failed, told, filledIn } = watched()
    answered('B')
    for (let times = 0; times < 2; times += 1) failed('A', unreachable)
    answered('A')
    expect(told()).toEqual(['connected'])
    for (let times = 0; times < 5; times += 1) failed('A', unreachable)
    answered('A')
    expect(told()).toEqual(['product_failed A', 'connected'])
    expect(filledIn).toEqual([]) // no minute ended
  })

  it('does not call an exchange disconnected that only refuses', () => {
    const { failed, told } = watched()
    for (let times = 0; times < 3; times += 1) for (const product of ['A', 'B']) failed(product, refused)
    expect(told()).toEqual(['product_failed A', 'product_failed B'])
  })

  it('tells of a product that stays away when the others are back', () => {
    const { answered, failed, told } = watched()
    for (let times = 0; times < 3; times += 1) for (const product of ['A', 'B']) failed(product, unreachable)
    answered('A')
    failed('B', unreachable)
    expect(told()).toEqual(['disconnected', 'connected', 'time_gap', 'product_failed B'])
  })
})
