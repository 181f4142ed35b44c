import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { waitUntil } from '../../server/src/stack/wait.ts'
import {
  type Books,
  checkFills,
  comparable,
  fillCountOf,
  readBooks,
  replayedCandles,
  type ReplayFiles,
  replayFiles,
  startReplay,
  summaryOf,
} from '../support/replay-run.ts'
import { processesOf, temporaryDataDir } from '../support/stack-process.ts'

const end = '2018-04-04T09:45:00Z'
const runLimitMs = 400_000

interface Replayed {
  readonly summary: Readonly<Record<string, unknown>>
  readonly books: Books
  readonly exportFile: string
}

async function replay({ files, until = end }: { files: ReplayFiles; until?: string }): Promise<Replayed> {
  const dataDir = temporaryDataDir()
  const outcome = await (await startReplay({ dataDir, files, until })).outcome
  const summary = summaryOf(outcome)
  expect(processesOf(dataDir)).toEqual([])
  const exportFile = join(dataDir, 'export.json')
  return { summary, books: await readBooks(dataDir, exportFile), exportFile }
}

/** The run that nothing disturbs, made once by the first test that asks for it. */
let undisturbed: Promise<Replayed> | undefined
const undisturbedRun = (files: ReplayFiles): Promise<Replayed> => (undisturbed ??= replay({ files }))

describe(`a replay of ${replayedCandles}`, () => {
  it(
    'trades, ends by itself with a summary, adds up to the last digit, and comes out the same again',
    async () => {
      const files = replayFiles(temporaryDataDir())
      const first = await undisturbedRun(files)
      const { summary, books } = first
      expect(summary).toMatchObject({
        status: 'open',
        market_time: Date.parse(end),
        orders: books.orders.length,
        fills: books.fills.length,
      })
      expect(summary['decisions']).toBe(57)
      expect(Number(summary['model_calls'])).toBeGreaterThan(0)
      expect(Number(summary['fills'])).toBeGreaterThan(0)
      expect(Number(summary['closed_trades'])).toBeGreaterThan(0)

      const checked = checkFills({ ...first, files })
      expect(checked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('everything is as recomputed from the candles') })
      expectCheckToFind(first, files)

      const second = await replay({ files })
      expect(second.summary['run_id']).not.toBe(summary['run_id'])
      expect({ ...second.summary, run_id: '' }).toEqual({ ...summary, run_id: '' })
      expect(comparable(second.books)).toEqual(comparable(books))
    },
    runLimitMs,
  )

  it(
    'that is stopped in the middle goes on where it was, and ends as one that was not',
    async () => {
      const files = replayFiles(temporaryDataDir())
      const dataDir = temporaryDataDir()
      const stopped = await startReplay({ dataDir, files, until: end })
      await stopped.until('Ready in')
      await waitUntil(async () => (await fillCountOf(dataDir)) > 1, { timeoutMs: 120_000 })
      expect(await stopped.end('SIGINT')).toMatchObject({ exitCode: 0 })

      const resumed = await startReplay({ dataDir, files, until: end })
      const outcome = await resumed.outcome
      const summary = summaryOf(outcome)
      expect(outcome.stderr).toContain(`run ${String(summary['run_id'])} goes on`)
      const exportFile = join(dataDir, 'export.json')
      const books = await readBooks(dataDir, exportFile)
      expect(books.runs).toHaveLength(1)
      expect(checkFills({ exportFile, files, summary })).toMatchObject({ exitCode: 0 })

      const whole = await undisturbedRun(files)
      expect({ ...summary, run_id: '' }).toEqual({ ...whole.summary, run_id: '' })
      expect(comparable(books)).toEqual(comparable(whole.books))
    },
    runLimitMs,
  )

  it(
    'gives no order where prices stand still, and others where the candles come in reverse',
    async () => {
      const constant = replayFiles(temporaryDataDir(), (rows) => rows.map((row) => `${timeOf(row)},100,100,100,100,${row.split(',')[5]}`))
      const still = await replay({ files: constant, until: '2018-04-04T06:00:00Z' })
      expect(still.summary).toMatchObject({ orders: 0, fills: 0, blocks: {}, equity: '10000' })
      expect(Number(still.summary['decisions'])).toBe(12)

      const reversed = replayFiles(temporaryDataDir(), (rows) => rows.map((row, index) => reversedRow(row, rows.at(-1 - index) ?? row)))
      const until = Date.parse('2018-04-04T07:30:00Z')
      const backwards = await replay({ files: reversed, until: String(until) })
      expect(checkFills({ ...backwards, files: reversed })).toMatchObject({ exitCode: 0 })
      const forwards = await undisturbedRun(replayFiles(temporaryDataDir()))
      const before = (books: Books) =>
        comparable({ ...books, orders: books.orders.filter((order) => Number(order['market_time']) < until) })
      expect(before(forwards.books)['orders']).not.toEqual([])
      expect(before(backwards.books)['orders']).not.toEqual(before(forwards.books)['orders'])
    },
    runLimitMs,
  )
})

/** A check that cannot fail proves nothing: one digit of one price, one lost fill and one cent of a balance are each named. */
function expectCheckToFind({ exportFile }: Replayed, files: ReplayFiles): void {
  const exported = JSON.parse(readFileSync(exportFile, 'utf8'))
  const [fill, ...others] = exported.fills
  const found = (changed: object): string => {
    const file = `${exportFile}.changed`
    writeFileSync(file, JSON.stringify({ ...exported, ...changed }))
    const { exitCode, stdout } = checkFills({ exportFile: file, files })
    expect(exitCode).toBe(1)
    return stdout
  }
  const price = `${fill.price.slice(0, -1)}${fill.price.endsWith('1') ? 2 : 1}`
  expect(found({ fills: [{ ...fill, price }, ...others] })).toContain(
    `fill 1 of order ${fill.order_id} (${fill.side} ${fill.product}): price is ${price}, should be ${fill.price}`,
  )
  expect(found({ fills: others })).toContain(`fill 1 of order ${fill.order_id} (${fill.side} ${fill.product}) is missing`)
  const isFees = ({ asset, kind }: { asset: string; kind: string }): boolean => asset === 'USD' && kind === 'fees'
  const accounts = [
    ...exported.accounts.filter((account: { asset: string; kind: string }) => !isFees(account)),
    { ...exported.accounts.find(isFees), posted: '0.01' },
  ]
  expect(found({ accounts })).toContain('balance of USD fees is 0.01, should be')
}

const timeOf = (row: string): string => row.split(',')[0] ?? ''

/** The candle `from`, at the time of `row`, run backwards: it opens where it closed. */
function reversedRow(row: string, from: string): string {
  const [, open, high, low, close, volume] = from.split(',')
  return [timeOf(row), close, high, low, open, volume].join(',')
}
