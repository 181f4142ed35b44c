import { SourceMap } from 'node:module'
import { seededRandom } from '@trader/core/market/seeded-random'
import type { Difference } from '@trader/server/audit/replay/first-difference'
import { replayJob } from '@trader/server/audit/replay/replay-job'
import { Replayer } from '@trader/server/audit/replay/replayer'
import type { RecordedHistory } from '../../replay/recorded-history.ts'
import { jobHistory, queueOf } from '../../replay/replay-content.ts'
import { decisionModules } from './bundle-modules.ts'
import { ExecutedCode } from './executed-code.ts'
import { type MutationSite, mutationSites } from './mutation-sites.ts'

/** A place to change that was executed, and by which histories. */
export interface ExecutedSite extends MutationSite {
  /** Such as `core/src/risk/check-edge.ts:12`. */
  readonly line: string
  readonly by: readonly RecordedHistory[]
}

export interface Mutant extends ExecutedSite {
  readonly before: string
  /** The line of the bundle on which the change begins. */
  readonly on: string
  /** Where the replay saw it first; null where it saw nothing. */
  readonly caught: (Difference & { readonly history: string }) | null
}

/** The places in rules and workflows that recorded histories executed. Every history must be identical on the code as it is. */
export async function executedSites(code: string, recorded: readonly RecordedHistory[]): Promise<readonly ExecutedSite[]> {
  const sites = decisionModules(code).flatMap((module) => mutationSites(code, module))
  const by = new Map<MutationSite, RecordedHistory[]>(sites.map((site) => [site, []]))
  const coverage = new ExecutedCode(/workflow-bundle-\w+\.js$/)
  await coverage.start()
  for (const [taskQueue, group] of Map.groupBy(recorded, queueOf)) {
    const [first] = group
    if (first === undefined) continue
    // The first history is replayed twice: the modules are evaluated with it, which is nothing that a history did.
    const histories = [first, ...group]
    let at = 0
    for await (const difference of replayJob({
      code,
      namespace: 'default',
      taskQueue,
      histories: histories.map((one) => jobHistory(one)),
    })) {
      const history = histories[at] ?? first
      if (difference !== null)
        throw new Error(`${history.workflow_id} is not identical on the code as it is: ${JSON.stringify(difference)}`)
      const wasExecuted = await coverage.take()
      if (at > 0) for (const site of sites) if (wasExecuted(site.start)) by.get(site)?.push(history)
      at += 1
    }
  }
  coverage.stop()
  const lineOf = sourceLines(code)
  return sites.flatMap((site) => {
    const histories = by.get(site) ?? []
    return histories.length === 0 ? [] : [{ ...site, line: `${site.file}:${lineOf(site.start)}`, by: histories }]
  })
}

/** So many places, drawn by a seed: a line first, then a place on it. */
export function drawSites(sites: readonly ExecutedSite[], { seed, count }: { seed: number; count: number }): readonly ExecutedSite[] {
  const random = seededRandom(seed, 'mutations')
  const lines = Array.from(Map.groupBy(sites, ({ line }) => line).values())
  const pick = <Value>(values: readonly Value[], place: number, detail: number): Value | undefined =>
    values[Math.floor(random.uniform(0, place, detail) * values.length)]
  const drawn = new Set<ExecutedSite>()
  for (let place = 0; drawn.size < Math.min(count, sites.length); place += 1) {
    const site = pick(pick(lines, place, 0) ?? [], place, 1)
    if (site !== undefined) drawn.add(site)
  }
  return Array.from(drawn)
}

/** Histories that are replayed before it is looked whether one was different. */
const atOnce = 8

/** Replays, on the changed code, the histories that executed the changed place, until one is not identical. */
export async function runMutant(code: string, site: ExecutedSite, replayer: Replayer): Promise<Mutant> {
  const text = withoutSourceMap(code.slice(0, site.start) + site.text + code.slice(site.end))
  const before = code.slice(site.start, site.end)
  const on = code.slice(code.lastIndexOf('\n', site.start) + 1, code.indexOf('\n', site.start)).trim()
  for (const [taskQueue, group] of Map.groupBy(site.by, queueOf)) {
    const smallest = group.toSorted((left, right) => (left.history.events?.length ?? 0) - (right.history.events?.length ?? 0))
    for (let at = 0; at < smallest.length; at += atOnce) {
      const some = smallest.slice(at, at + atOnce)
      const found = await replayer.replay({ code: text, namespace: 'default', taskQueue, histories: some.map((one) => jobHistory(one)) })
      const first = found.findIndex((difference) => difference !== null)
      const difference = found[first]
      if (difference) return { ...site, before, on, caught: { ...difference, history: some[first]?.workflow_id ?? '' } }
    }
  }
  return { ...site, before, on, caught: null }
}

const sourceMapUrl = /sourceMappingURL=data:application\/json;charset=utf-8;base64,(.+)\s*$/

/** Reading the map is most of the work of loading a bundle, and a mutant's stack traces interest nobody. */
function withoutSourceMap(code: string): string {
  const empty = JSON.stringify({ version: 3, file: 'workflow-bundle-mutant.js', sources: [], names: [], mappings: '' })
  return code.replace(sourceMapUrl, `sourceMappingURL=data:application/json;charset=utf-8;base64,${Buffer.from(empty).toString('base64')}`)
}

/** The line in the source of an offset in the bundle. */
function sourceLines(code: string): (offset: number) => number {
  const [, encoded = ''] = sourceMapUrl.exec(code) ?? []
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')))
  const ends = Array.from(code.matchAll(/\n/g), ({ index }) => index)
  return (offset) => {
    const line = ends.findIndex((end) => end >= offset)
    const column = offset - ((ends[line - 1] ?? -1) + 1)
    const entry = map.findEntry(line, column)
    return 'originalLine' in entry ? entry.originalLine + 1 : 0
  }
}
