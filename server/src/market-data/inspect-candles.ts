import { basename } from 'node:path'
import { candleCsv, type CandleRow } from '@trader/core/market/candle-csv'
import { parseCsvRow } from '@trader/core/market/csv'
import { describeError } from '../exit-code.ts'
import { type CandleDialect, detectDialect, readTime } from './candle-dialect.ts'
import { tableRows, type TableRow } from './candle-table.ts'

export type ProblemKind = 'duplicate' | 'unsorted' | 'not_a_number' | 'negative' | 'malformed'

/** What is wrong with a row, and where. */
export interface CandleProblem {
  readonly line: number
  readonly kind: ProblemKind
  readonly detail: string
}

/** Candles missing before the row at `line`: legal, and told. Times in ms, [from, to). */
export interface CandleGap {
  readonly line: number
  readonly from: number
  readonly to: number
  readonly missing: number
}

export interface Inspection {
  /** Good rows, in the file's order. */
  readonly rows: readonly CandleRow[]
  readonly timeframeMs: number | null
  readonly problems: readonly CandleProblem[]
  readonly gaps: readonly CandleGap[]
}

/** Reads a whole candle file in any known dialect, and tells of every bad row instead of ending at the first. */
export async function inspectCandles(path: string, options: { readonly timeframeMs?: number | null } = {}): Promise<Inspection> {
  const file = basename(path)
  const rows: CandleRow[] = []
  const lines: number[] = []
  const problems: CandleProblem[] = []
  let dialect: CandleDialect | null = null
  for await (const raw of tableRows(path)) {
    if (dialect === null) {
      dialect = detectDialect(raw.values, file)
      if (dialect.hasHeader) continue
    }
    const read = readRow(raw, { dialect, file, previous: rows.at(-1)?.start ?? null })
    if ('kind' in read) problems.push(read)
    else {
      rows.push(read)
      lines.push(raw.line)
    }
  }
  if (dialect === null) throw new Error(`file ${file} is empty, expected a header such as ${candleCsv.header}`)
  const timeframeMs = options.timeframeMs ?? leastStep(rows)
  return { rows, timeframeMs, problems, gaps: timeframeMs === null ? [] : gapsOf({ rows, lines, timeframeMs }) }
}

/** The candles of a file; throws at its first problem, with the line. */
export async function readCandles(path: string, options: { readonly timeframeMs?: number | null } = {}): Promise<Inspection> {
  const found = await inspectCandles(path, options)
  const [first] = found.problems
  if (first !== undefined) throw new Error(`file ${basename(path)} line ${first.line}: ${first.detail}`)
  return found
}

function readRow(
  { line, values }: TableRow,
  { dialect, file, previous }: { readonly dialect: CandleDialect; readonly file: string; readonly previous: number | null },
): CandleRow | CandleProblem {
  const [time = '', ...amounts] = dialect.columns.map((column) => values[column] ?? '')
  const start = readTime(time)
  if (start === null) return { line, kind: 'malformed', detail: `no time in seconds, ms or ISO (UTC): "${time.slice(0, 40)}"` }
  for (const [index, amount] of amounts.entries()) {
    const name = candleCsv.header.split(',')[index + 1] ?? ''
    if (/^(|[+-]?(nan|inf|infinity)|null|none|na)$/i.test(amount))
      return { line, kind: 'not_a_number', detail: `${name} is no number, was "${amount}"` }
    if (amount.startsWith('-')) return { line, kind: 'negative', detail: `${name} must not be negative, was ${amount.slice(0, 40)}` }
  }
  if (start === previous) return { line, kind: 'duplicate', detail: `${new Date(start).toISOString()} appears twice` }
  if (previous !== null && start < previous) {
    return { line, kind: 'unsorted', detail: `${new Date(start).toISOString()} comes after ${new Date(previous).toISOString()}` }
  }
  try {
    return parseCsvRow(candleCsv, { file, line, text: [start, ...amounts].join(',') }, null)
  } catch (error) {
    return { line, kind: 'malformed', detail: describeError(error).replace(`file ${file} line ${line}: `, '') }
  }
}

function leastStep(rows: readonly CandleRow[]): number | null {
  let least = Infinity
  for (const [index, { start }] of rows.entries()) if (index > 0) least = Math.min(least, start - (rows[index - 1]?.start ?? 0))
  return Number.isFinite(least) ? least : null
}

/** Gaps between rows of a timeframe; `lines` are where the rows stand. */
function gapsOf(options: {
  readonly rows: readonly CandleRow[]
  readonly lines: readonly number[]
  readonly timeframeMs: number
}): CandleGap[] {
  const { rows, lines, timeframeMs } = options
  return rows.flatMap(({ start }, index) => {
    const before = rows[index - 1]
    if (before === undefined || start - before.start <= timeframeMs) return []
    const from = before.start + timeframeMs
    return [{ line: lines[index] ?? 0, from, to: start, missing: Math.ceil((start - from) / timeframeMs) }]
  })
}
