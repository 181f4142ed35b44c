import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { seal as sealShape, type Seal } from '@trader/core/audit/seal'

// The seals' copy outside Postgres: one JSON line each. Who can change the database cannot shorten its past unseen.

const newline = 0x0a
/** More than any line. */
const tailBytes = 64 * 1024

/** Appends a seal and waits until it is on disk. Half a line of a writer that died is taken off first. */
export function appendSeal(path: string, seal: Seal): void {
  const file = openSync(path, 'a+', 0o600)
  try {
    const { size } = fstatSync(file)
    const tail = readTail(file, size)
    const half = tail.length - (tail.lastIndexOf(newline) + 1)
    if (half > 0) ftruncateSync(file, size - half)
    writeSync(file, `${lineOf(seal)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The last whole line's seal; null where the file is empty or missing, or that line is none. */
export function lastLoggedSeal(path: string): Seal | null {
  if (!existsSync(path)) return null
  const file = openSync(path, 'r')
  try {
    const tail = readTail(file, fstatSync(file).size)
    const lines = tail
      .subarray(0, tail.lastIndexOf(newline) + 1)
      .toString('utf8')
      .split('\n')
    return parseLine(lines.at(-2) ?? '')
  } finally {
    closeSync(file)
  }
}

/** A line of the log; `seal` is null where it is none. */
export interface LoggedSeal {
  readonly line: number
  readonly seal: Seal | null
}

/** Every line in order, read as it is asked for. */
export async function* readSealLog(path: string): AsyncGenerator<LoggedSeal> {
  if (!existsSync(path)) return
  const file = await open(path)
  try {
    let line = 0
    for await (const text of file.readLines()) yield { line: ++line, seal: parseLine(text) }
  } finally {
    await file.close()
  }
}

/** A seal has one line: its fields in the order of the schema, without blanks. */
const lineOf = (seal: Seal): string => JSON.stringify(sealShape.parse(seal))

function parseLine(text: string): Seal | null {
  try {
    const seal = sealShape.parse(JSON.parse(text))
    return lineOf(seal) === text ? seal : null
  } catch {
    // Not JSON, or not a seal: the caller reports the line.
    return null
  }
}

function readTail(file: number, size: number): Buffer {
  const buffer = Buffer.alloc(Math.min(size, tailBytes))
  readSync(file, buffer, 0, buffer.length, size - buffer.length)
  return buffer
}
