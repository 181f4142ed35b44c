import { existsSync, readdirSync, readFileSync } from 'node:fs'

/**
 * Bytes that a process and all its descendants hold, memory that several share counted once in all (PSS). Null where the system does
 * not tell (only Linux does), or the process is gone.
 */
export function treeMemory(pid: number): number | null {
  if (!existsSync(`/proc/${pid}/smaps_rollup`)) return null
  return treeOf(pid).reduce((total, each) => total + proportionalSize(each), 0)
}

function treeOf(root: number): number[] {
  const children = Map.groupBy(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number),
    parentOf,
  )
  const tree = [root]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

/** The fields after the name, which may hold blanks and brackets: state, parent, ... */
function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

function proportionalSize(pid: number): number {
  return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
}

/** A process may end between two looks: then it holds nothing. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
