import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { checkCsvHeader, parseCsvRow, type CsvFormat } from '@trader/core/market/csv'

/**
 * A CSV file of rows in order of time, read in blocks: opening it reads all of it once (every row checked, the whole hashed) and keeps
 * only where each block begins, so a year of minutes takes some kilobytes. The file must not change while it is open.
 */
export interface CsvFile<Row> {
  readonly file: string
  readonly sha256: string
  readonly rowCount: number
  readonly firstStart: number
  readonly lastStart: number
  /** The smallest distance between two rows, ms: the timeframe, as gaps are only longer. Null with one row. */
  readonly smallestStep: number | null
  /** Rows with from <= start < to. */
  readonly rowsBetween: (from: number, to: number) => Promise<Row[]>
  /** The last row that starts before `time`. */
  readonly rowBefore: (time: number) => Promise<Row | null>
  readonly close: () => Promise<void>
}

const rowsPerBlock = 512

/** Where a block is in the file: bytes [offset, end), its first line's number and first row's time. */
interface Block {
  readonly start: number
  readonly offset: number
  readonly line: number
  end: number
}

export async function openCsvFile<Row extends { readonly start: number }>(path: string, format: CsvFormat<Row>): Promise<CsvFile<Row>> {
  const file = basename(path)
  const handle = await open(path, 'r')
  try {
    const opened = await handle.stat()
    const index = await indexFile({ handle, file, format })
    const parsedBlock = rememberBlock((block: Block) => parseBlock({ handle, file, format, block }))
    const readBlock = async (block: Block): Promise<Row[]> => {
      const { size, mtimeMs } = await handle.stat()
      if (size !== opened.size || mtimeMs !== opened.mtimeMs) throw new Error(`file ${file} was changed while it was being replayed`)
      return parsedBlock(block)
    }
    return { file, ...index.summary, ...readersOf(index.blocks, readBlock), close: () => handle.close() }
  } catch (cause) {
    await handle.close()
    throw cause
  }
}

/** One pass over the file: its hash, its blocks and what its rows span. Throws at the first bad line. */
async function indexFile<Row extends { readonly start: number }>(options: { handle: FileHandle; file: string; format: CsvFormat<Row> }) {
  const { handle, file, format } = options
  const hash = createHash('sha256')
  const blocks: Block[] = []
  let [rowCount, previousStart, smallestStep] = [0, null as number | null, null as number | null]
  for await (const { text, offset, end, line } of linesOf(handle, (bytes) => hash.update(bytes))) {
    if (line === 1) checkCsvHeader(format, { file, line, text })
    else if (text.trim() !== '') {
      const { start }: Row = parseCsvRow(format, { file, line, text }, previousStart)
      if (rowCount % rowsPerBlock === 0) blocks.push({ start, offset, line, end })
      const block = blocks.at(-1)
      if (block) block.end = end
      if (previousStart !== null) smallestStep = Math.min(smallestStep ?? Infinity, start - previousStart)
      previousStart = start
      rowCount += 1
    }
  }
  const [first] = blocks
  if (first === undefined || previousStart === null)
    throw new Error(`file ${file} has no rows, expected the header ${format.header} and rows`)
  return { blocks, summary: { sha256: hash.digest('hex'), rowCount, firstStart: first.start, lastStart: previousStart, smallestStep } }
}

function readersOf<Row extends { readonly start: number }>(blocks: readonly Block[], readBlock: (block: Block) => Promise<Row[]>) {
  return {
    rowsBetween: async (from: number, to: number): Promise<Row[]> => {
      const rows: Row[] = []
      for (let index = Math.max(blockBefore(blocks, from + 1), 0); index < blocks.length; index += 1) {
        const block = blocks[index]
        if (block === undefined || block.start >= to) break
        for (const row of await readBlock(block)) if (row.start >= from && row.start < to) rows.push(row)
      }
      return rows
    },
    rowBefore: async (time: number): Promise<Row | null> => {
      const block = blocks[blockBefore(blocks, time)]
      if (block === undefined) return null
      return (await readBlock(block)).findLast((row) => row.start < time) ?? null
    },
  }
}

/** Index of the last block that starts before `time`, or -1. */
function blockBefore(blocks: readonly Block[], time: number): number {
  let [low, high] = [-1, blocks.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((blocks[middle]?.start ?? Infinity) < time) low = middle
    else high = middle - 1
  }
  return low
}

async function parseBlock<Row extends { readonly start: number }>(options: {
  handle: FileHandle
  file: string
  format: CsvFormat<Row>
  block: Block
}): Promise<Row[]> {
  const { handle, file, format, block } = options
  const bytes = Buffer.alloc(block.end - block.offset)
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, block.offset)
  const rows: Row[] = []
  for (const [index, text] of bytes.toString('utf8', 0, bytesRead).split('\n').entries()) {
    if (text.trim() !== '') rows.push(parseCsvRow(format, { file, line: block.line + index, text }, rows.at(-1)?.start ?? null))
  }
  return rows
}

/** Batches ask for the same block many times, and for the one before it at its beginning. */
function rememberBlock<Row>(read: (block: Block) => Promise<Row[]>): (block: Block) => Promise<Row[]> {
  const known = new Map<Block, Row[]>()
  return async (block) => {
    const rows = known.get(block) ?? (await read(block))
    known.delete(block)
    known.set(block, rows)
    const [oldest] = known.keys()
    if (known.size > 2 && oldest !== undefined) known.delete(oldest)
    return rows
  }
}

/** Lines with the bytes they take, their line feed included. */
async function* linesOf(handle: FileHandle, onBytes: (bytes: Buffer) => void) {
  let [line, offset, rest] = [0, 0, Buffer.alloc(0)]
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 18 })) {
    const read = Buffer.from(chunk)
    onBytes(read)
    const bytes = Buffer.concat([rest, read])
    let from = 0
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      line += 1
      yield { line, text: bytes.toString('utf8', from, at), offset: offset + from, end: offset + at + 1 }
      from = at + 1
    }
    rest = bytes.subarray(from)
    offset += from
  }
  if (rest.length > 0) yield { line: line + 1, text: rest.toString('utf8'), offset, end: offset + rest.length }
}
