import type { Checkpoint } from './soak.ts'

const megabyte = 2 ** 20
/** V8 takes room for garbage as it likes; a leak shows in the heap long before. */
const rssMegabytes = 128

/** What must hold of the checkpoints of one process; a sentence for each thing that does not. The first are its warming up. */
export function growth(checkpoints: readonly Checkpoint[], { warmUp, heapMegabytes }: { warmUp: number; heapMegabytes: number }): string[] {
  const settled = checkpoints.slice(warmUp)
  const [first, last] = [settled[0], settled.at(-1)]
  if (first === undefined || last === undefined || first === last) return ['there are too few checkpoints to say anything']
  const grown = (last.heapBytes - first.heapBytes) / megabyte
  const half = Math.floor(settled.length / 2)
  const highest = (some: readonly Checkpoint[]): number => Math.max(...some.map(({ rssBytes }) => rssBytes))
  const rssGrown = (highest(settled.slice(half)) - highest(settled.slice(0, half))) / megabyte
  const problems: [boolean, string][] = [
    [grown > heapMegabytes, `the heap grew by ${grown.toFixed(1)} MB over ${last.calls - first.calls} calls, more than ${heapMegabytes}`],
    [rssGrown > rssMegabytes, `resident memory grew by ${rssGrown.toFixed(0)} MB in the second half, more than ${rssMegabytes}`],
    [last.listeners > first.listeners, `listeners grew from ${first.listeners} to ${last.listeners}`],
    [last.timers > first.timers + 2, `timers grew from ${first.timers} to ${last.timers}`],
    [last.busyDatabaseClients > 0, `${last.busyDatabaseClients} database clients were not given back`],
    [last.warnings > 0, `${last.warnings} warnings of Node, such as of too many listeners`],
    [last.unhandled > 0, `${last.unhandled} unhandled rejections`],
    [last.errors > 0, `${last.errors} errors in the log`],
  ]
  return problems.filter(([isProblem]) => isProblem).map(([, problem]) => problem)
}
