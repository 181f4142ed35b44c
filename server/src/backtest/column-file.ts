import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { endianness } from 'node:os'
import { dirname } from 'node:path'
import { type ColumnName, columnNames } from '@trader/core/backtest/columns'

/** What a column file says of itself: of which source it was made, so that a changed source is noticed. */
export interface ColumnFileHeader {
  readonly version: 1
  readonly rows: number
  readonly sha256: string
  /** Size, times of change and inode of the source, as text: they are longer than doubles are exact. */
  readonly source: string
}

export interface ColumnFile {
  readonly header: ColumnFileHeader
  readonly columns: Record<ColumnName, Float64Array>
}

const magic = 'trader-columns\n'
/** Magic, header and padding; the columns begin here, aligned. */
const headerBytes = 1024

/**
 * Columns as they lie in memory: a header, then start, open, high, low, close and volume, raw 64-bit doubles, little-endian. Reading one
 * is a single read without parsing. Null where there is none of this source, or one that was cut off.
 */
export function readColumnFile(path: string, source: string): ColumnFile | null {
  const handle = openIfThere(path)
  if (handle === null) return null
  try {
    const head = Buffer.alloc(headerBytes)
    if (readSync(handle, head, 0, headerBytes, 0) < headerBytes) return null
    const header = parseHeader(head)
    const bytes = header === null ? 0 : header.rows * columnNames.length * 8
    if (header === null || header.source !== source || fstatSync(handle).size !== headerBytes + bytes) return null
    const body = new ArrayBuffer(bytes)
    for (let read = 0; read < bytes;) {
      const got = readSync(handle, new Uint8Array(body), read, bytes - read, headerBytes + read)
      if (got === 0) return null
      read += got
    }
    return { header, columns: columnsOf(body, header.rows) }
  } finally {
    closeSync(handle)
  }
}

/** Writes beside and renames, so that nobody ever reads half a file. Where bytes lie the other way round nothing is kept. */
export function writeColumnFile(path: string, { header, columns }: ColumnFile): void {
  if (endianness() !== 'LE') return
  mkdirSync(dirname(path), { recursive: true })
  const beside = `${path}.${process.pid}`
  const handle = openSync(beside, 'w', 0o600)
  try {
    const head = Buffer.alloc(headerBytes, ' ')
    head.write(`${magic}${JSON.stringify(header)}\n`)
    writeSync(handle, head)
    for (const name of columnNames) {
      const column = columns[name]
      const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
      for (let written = 0; written < bytes.length;) written += writeSync(handle, bytes, written)
    }
    closeSync(handle)
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function parseHeader(head: Buffer): ColumnFileHeader | null {
  const text = head.toString('utf8')
  if (!text.startsWith(magic)) return null
  try {
    // Written by this file alone; its version tells what is in it.
    const header = JSON.parse(text.slice(magic.length)) as ColumnFileHeader
    return header.version === 1 && Number.isSafeInteger(header.rows) ? header : null
  } catch {
    return null
  }
}

function columnsOf(body: ArrayBuffer, rows: number): Record<ColumnName, Float64Array> {
  const column = (index: number): Float64Array => new Float64Array(body, index * rows * 8, rows)
  return { start: column(0), open: column(1), high: column(2), low: column(3), close: column(4), volume: column(5) }
}
