import { murmur3, seededRandom } from '../../market/seeded-random.ts'

/**
 * At most `size` items, taken in turn from each stratum in the order given, and within a stratum at random: rare kinds are seen beside
 * common ones, and no one can arrange which. The same seed and items give the same sample, in the order of the items.
 */
export function stratifiedSample<Item, Stratum extends string>(options: {
  readonly items: readonly Item[]
  readonly strata: readonly Stratum[]
  readonly stratumOf: (item: Item) => Stratum | null
  readonly size: number
  readonly seed: number
}): Item[] {
  const { items, strata, stratumOf, size, seed } = options
  const random = seededRandom(seed, 'stratified sample')
  const queues = new Map(strata.map((stratum) => [stratum, [] as { readonly index: number; readonly lot: number }[]]))
  for (const [index, item] of items.entries()) {
    const stratum = stratumOf(item)
    if (stratum !== null) queues.get(stratum)?.push({ index, lot: random.uniform(0, index) })
  }
  const waiting = [...queues.values()].map((queue) => queue.sort((a, b) => b.lot - a.lot))
  const chosen: number[] = []
  while (chosen.length < size && waiting.some((queue) => queue.length > 0)) {
    for (const queue of waiting) {
      const next = queue.pop()
      if (next !== undefined && chosen.length < size) chosen.push(next.index)
    }
  }
  const wanted = new Set(chosen)
  return items.filter((_, index) => wanted.has(index))
}

/** A seed from an evaluation's id: the same evaluation draws the same sample whenever it is repeated. */
export function sampleSeed(evaluationId: string): number {
  return murmur3(
    0,
    Array.from(evaluationId, (letter) => letter.codePointAt(0) ?? 0),
  )
}
