import { describe, expect, it } from 'vitest'
import { describeFlag, describeFlattened, type FlagAnswer } from './describe-trading.ts'

const answer = (change: Partial<FlagAnswer>): FlagAnswer => ({
  state: 'halted',
  previous: 'active',
  status: 'stored',
  cancelled_orders: [],
  failed_orders: [],
  unguarded_positions: [],
  ...change,
})
const held = [
  { product: 'BTC-USD', quantity: '0.01' },
  { product: 'ETH-USD', quantity: '0.3' },
]

describe('a halt', () => {
  it('says which positions it leaves without a stop, and what to type next', () => {
    expect(describeFlag(answer({ unguarded_positions: held, cancelled_orders: ['a', 'b'] }), 'halted').split('\n')).toEqual([
      'trading is HALTED (it was active): every order is refused and nothing is sold',
      'cancelled 2 orders: a, b',
      'UNGUARDED: 0.01 BTC-USD, 0.3 ETH-USD: no stop runs while trading is halted',
      'next: `trader flatten` sells everything at market; `trader resume` lets trading go on',
    ])
  })

  it('says so where nothing is held, or nobody knows', () => {
    expect(describeFlag(answer({}), 'halted')).toMatch(/no position is held\nnext: `trader resume`/)
    expect(describeFlag(answer({ unguarded_positions: null, status: 'kept' }), 'halted')).toMatch(
      /not known while Postgres is away.*\nnext: `trader flatten`/,
    )
  })

  it('stays where a pause is asked for', () => {
    expect(describeFlag(answer({ previous: 'halted' }), 'paused')).toMatch(/^a halt is stricter.*\ntrading is HALTED: /)
  })
})

describe('a pause and a resume', () => {
  it('say what goes on', () => {
    expect(describeFlag(answer({ state: 'paused', unguarded_positions: held }), 'paused')).not.toContain('UNGUARDED')
    expect(describeFlag(answer({ state: 'active', previous: 'paused', unguarded_positions: held }), 'active')).toBe(
      'trading is ACTIVE (it was paused): orders are accepted again',
    )
  })

  it('tell of the stops that a halt took away', () => {
    expect(describeFlag(answer({ state: 'active', previous: 'halted', unguarded_positions: held }), 'active')).toContain(
      'UNGUARDED: 0.01 BTC-USD, 0.3 ETH-USD: the halt cancelled their stops, and they do not come back',
    )
  })
})

describe('a flatten', () => {
  const sale = { product: 'BTC-USD', quantity: '0.01', sold: '0.01', remaining: '0', proceeds: '400.12', problem: null }

  it('says what was sold', () => {
    expect(describeFlattened({ cancelled_orders: ['a'], positions: [sale] }).split('\n')).toEqual([
      'trading is PAUSED: no new entries',
      'cancelled 1 orders: a',
      'BTC-USD: sold 0.01 of 0.01 for 400.12 after fees',
      'flat: nothing is held',
      'next: `trader resume` lets trading go on',
    ])
    expect(describeFlattened({ cancelled_orders: [], positions: [] })).toContain('no position was held\nflat')
  })

  it('says what is left and why', () => {
    const left = { ...sale, sold: '0.004', remaining: '0.006', proceeds: '160', problem: 'the market has too little volume' }
    expect(describeFlattened({ cancelled_orders: [], positions: [left] })).toMatch(
      /sold 0.004 of 0.01 for 160 after fees; the market has too little volume\nNOT FLAT: 0.006 BTC-USD left; `trader flatten` tries again/,
    )
  })
})
