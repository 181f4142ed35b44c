import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { CrashWorld, type NamedPoint } from './crash-points.ts'

let world: CrashWorld
beforeAll(async () => {
  world = await CrashWorld.start(inject('postgresUrl'))
})
afterAll(() => world.stop())

describe('the undisturbed stories', () => {
  it('end as expected', async () => {
    expect((await world.undisturbed('order')).outcome).toMatchObject({
      orders: [
        'BUY limit 0 of 2 CANCELLED',
        'BUY limit 4 of 4 FILLED',
        'SELL limit 0 of 1 CANCELLED',
        'SELL limit 1 of 1 FILLED',
        'SELL stop 0 of 4 CANCELLED',
        'SELL take_profit 3 of 3 FILLED',
      ],
      positions: ['0'],
    })
    const { outcome } = await world.undisturbed('decision')
    expect(outcome.decisions).toHaveLength(3)
    expect(outcome.decisions.at(-1)).toBe('TRADE , 1 orders, 1 calls of the model')
    expect(
      outcome.orders.map((order) =>
        order
          .split(' ')
          .filter((word) => !/\d/.test(word))
          .join(' '),
      ),
    ).toEqual(['BUY market of FILLED', 'SELL stop of CANCELLED', 'SELL take_profit of FILLED'])
  })
})

/** One kill at each of these; `make certify PROOF=crash-points` has every point of both stories, 20 times each. */
const points: readonly NamedPoint[] = [
  { story: 'order', point: 'after:postReserve' },
  { story: 'order', point: 'after:submitPaperOrder' },
  { story: 'order', point: 'before:postFill' },
  { story: 'order', point: 'after:postFill' },
  { story: 'order', point: 'after:postRelease' },
  { story: 'order', point: 'after:makeRoomForExit' },
  { story: 'order', point: 'after:postTriggeredReserve' },
  { story: 'order', point: 'after:cancelPaperOrder' },
]

describe('a worker that is killed', () => {
  it.concurrent.each(points)(
    'in the $story story $point leaves what an undisturbed one does',
    async (point) => {
      const run = await world.crash(point, { seed: 1, mostKills: 1 })
      expect(run.kills, 'kills').toBe(1)
      expect(run.outcome).toEqual(run.undisturbed)
    },
    240_000,
  )
})
