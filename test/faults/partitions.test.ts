import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Partition, PartitionWorld } from './partitions.ts'

let world: PartitionWorld
beforeAll(async () => {
  world = await PartitionWorld.start(inject('postgresUrl'))
})
afterAll(() => world.stop())

/** `make certify PROOF=partitions` also has the half-open way to Temporal: it takes Temporal's client up to a minute to notice. */
const partitions: readonly Partition[] = [
  { server: 'temporal', fault: { kind: 'cut' }, lastsMs: 4000 },
  { server: 'temporal', fault: { kind: 'slow', bytesPerSecond: 2000 }, lastsMs: 8000 },
  { server: 'postgres', fault: { kind: 'cut' }, lastsMs: 4000 },
  { server: 'postgres', fault: { kind: 'half-open' }, lastsMs: 4000 },
  { server: 'postgres', fault: { kind: 'slow', bytesPerSecond: 2000 }, lastsMs: 8000 },
]

describe('a worker goes on by itself, and nothing is lost or doubled, after its way', () => {
  it.concurrent.each(partitions)(
    'to $server was $fault.kind for a while',
    async (partition) => {
      expect(await world.tell(partition)).toEqual(await world.undisturbed())
    },
    200_000,
  )
})
