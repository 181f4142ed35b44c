import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimal, sum } from '../money/decimal.ts'
import { salesToCancel } from './make-room.ts'

const sale = (order_id: string, held: string) => ({ order_id, held })

describe('an exit that wakes', () => {
  it('takes back nothing while enough is free', () => {
    expect(salesToCancel({ wanted: '4', free: '4', newestFirst: [sale('a', '1')] })).toEqual([])
    expect(salesToCancel({ wanted: '4', free: '0', newestFirst: [] })).toEqual([])
  })

  it('takes back the newest sales first, and no more than it needs', () => {
    const newestFirst = [sale('c', '1'), sale('b', '2'), sale('a', '3')]
    expect(salesToCancel({ wanted: '4', free: '3', newestFirst })).toEqual(['c'])
    expect(salesToCancel({ wanted: '4', free: '1.5', newestFirst })).toEqual(['c', 'b'])
    expect(salesToCancel({ wanted: '9', free: '0', newestFirst })).toEqual(['c', 'b', 'a'])
  })

  const amounts = fc.integer({ min: 1, max: 1_000_000_000 }).map((units) => String(units / 1000))

  it('can sell all it wants wherever the position has it, and leaves each sale that is not in its way', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 1_000_000 }), fc.array(amounts, { maxLength: 8 }), (wanted, freeUnits, holds) => {
        const free = String(freeUnits / 1000)
        const newestFirst = holds.map((held, index) => sale(String(index), held))
        const taken = salesToCancel({ wanted, free, newestFirst })
        const freed = decimal(free).plus(sum(taken.map((id) => decimal(holds[Number(id)] ?? '0'))))
        const all = decimal(free).plus(sum(holds.map((held) => decimal(held))))
        expect(freed.gte(wanted) || freed.eq(all)).toBe(true)
        const last = taken.at(-1)
        if (last !== undefined) expect(freed.minus(holds[Number(last)] ?? '0').lt(wanted)).toBe(true)
      }),
    )
  })
})
