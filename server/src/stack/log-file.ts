import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { DataDir } from './data-dir.ts'

const largestBytes = 10 * 1024 * 1024
const keptFiles = 3

/** The log of one component. */
export const logPath = (dataDir: DataDir, name: string): string => join(dataDir.logs, `${name}.log`)

/**
 * Moves a log over 10 MB aside (`.1` is the newest of 3) and empties it. It is copied and cut, not renamed: a component writes to
 * it by an open descriptor in append mode and never has to know.
 */
export function rotateLog(path: string): void {
  if (!existsSync(path) || statSync(path).size < largestBytes) return
  rmSync(`${path}.${keptFiles}`, { force: true })
  for (let number = keptFiles - 1; number >= 1; number--) {
    if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`)
  }
  copyFileSync(path, `${path}.1`)
  truncateSync(path)
}

/** Size of a file in bytes, 0 where there is none. */
export function fileSize(path: string): number {
  return existsSync(path) ? statSync(path).size : 0
}

/** The last `lines` lines of a log, looking at no more than its last 256 kB and at nothing before `from` (bytes). */
export function readLogTail({ path, lines, from = 0 }: { path: string; lines: number; from?: number }): string[] {
  if (!existsSync(path)) return []
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    const start = Math.max(Math.min(from, size), size - 256 * 1024)
    const buffer = Buffer.alloc(size - start)
    readSync(file, buffer, 0, buffer.length, start)
    const all = buffer.toString('utf8').split('\n')
    return all.filter((line) => line !== '').slice(-lines)
  } finally {
    closeSync(file)
  }
}
