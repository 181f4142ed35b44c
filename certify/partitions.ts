import { isDeepStrictEqual } from 'node:util'
import { seededRandom } from '@trader/core/market/seeded-random'
import { type Partition, PartitionWorld } from '../test/faults/partitions.ts'
import { startPostgres } from '../test/support/postgres.ts'
import type { NetworkFault } from '../test/support/tcp-proxy.ts'
import { writeResult } from './support/result.ts'

// Promise P24: the way between the worker and Temporal or Postgres is cut, goes half-open or slow for 1 to 20 s; afterwards the worker
// goes on by itself, and nothing is lost or doubled. Arguments: rounds of the six, seed.

const rounds = Number(process.argv[2] ?? 10)
const seed = Number(process.argv[3] ?? 24)
const faults: readonly NetworkFault[] = [{ kind: 'cut' }, { kind: 'half-open' }, { kind: 'slow', bytesPerSecond: 2000 }]
const servers = ['temporal', 'postgres'] as const
const random = seededRandom(seed, 'partitions')
const began = performance.now()
const postgres = await startPostgres()
const world = await PartitionWorld.start(postgres.adminUrl)
const differing: { readonly partition: Partition; readonly outcome: unknown }[] = []
try {
  const undisturbed = await world.undisturbed()
  for (let round = 0; round < rounds; round += 1) {
    const partitions = servers.flatMap((server, place) =>
      faults.map((fault, part) => ({ server, fault, lastsMs: Math.round(1000 + 19_000 * random.uniform(round, place, part)) })),
    )
    await Promise.all(
      partitions.map(async (partition) => {
        const outcome = await world.tell(partition)
        if (!isDeepStrictEqual(outcome, undisturbed)) differing.push({ partition, outcome })
      }),
    )
    process.stderr.write(`${round + 1} of ${rounds} rounds, ${differing.length} stories differ\n`)
  }
} finally {
  await world.stop()
  await postgres.stop()
}
writeResult({
  proof: 'partitions',
  seed,
  size: { partitions: rounds * faults.length * servers.length },
  seconds: Math.round((performance.now() - began) / 1000),
  verdict: differing.length === 0 ? 'passed' : 'failed',
  detail: { differing },
})
