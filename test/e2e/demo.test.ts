import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Claim } from '../../server/src/stack/demo/claims.ts'
import { dataDirPaths } from '../../server/src/stack/data-dir.ts'
import { endLeftovers } from '../../server/src/stack/leftovers.ts'
import { readStackFile } from '../../server/src/stack/stack-file.ts'
import { processesOf, TraderProcess } from '../support/stack-process.ts'

/** The document that --json prints; the expectations below fail where it has another shape. */
interface Shown {
  readonly ok: boolean
  readonly error: string | null
  readonly claims: readonly Claim[]
}
const shownIn = (stdout: string): Shown => JSON.parse(stdout) as Shown

/** Stacks of a temporary directory; what a library keeps there is not ours. */
const stacksIn = (directory: string): string[] => readdirSync(directory).filter((name) => name.startsWith('trader-'))

/** Where the demo makes its directory; it and whatever still runs there are gone after the test. */
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'demo-test-'))
  onTestFinished(async () => {
    for (const name of stacksIn(directory)) await endLeftovers(readStackFile(dataDirPaths(join(directory, name, 'data')))?.children ?? [])
    rmSync(directory, { recursive: true, force: true })
  })
  return directory
}

describe('trader demo', () => {
  it('shows trades, a kill in the middle of an order, a scrape and the story, checks each claim, and leaves nothing', async () => {
    const TMPDIR = temporaryDirectory()
    const userData = join(TMPDIR, 'the-user-has-this')
    const { exitCode, stdout, stderr } = await new TraderProcess(['demo', '--json'], { TMPDIR, DATA_DIR: userData }).outcome
    const shown = shownIn(stdout)
    expect(shown.error, stderr).toBeNull()
    expect(exitCode).toBe(0)
    expect(shown.claims.map(({ claim, ok }) => `${ok} ${claim}`)).toEqual([
      'true everything is running',
      'true the execution agent waited for its reasons, then bought by itself',
      'true the worker was killed (kill -9) in the middle of that order',
      'true the worker came back by itself',
      'true the order was done to its end',
      'true it was done exactly once',
      'true the trade made a profit after fees',
      'true 20 % of it was scraped',
      'true the ledger is in balance',
      'true the whole story of the trade is on record, from what was seen to the postings',
      'true the stack stopped cleanly and left no process behind',
    ])
    expect(stderr).toContain('What it saw')
    expect(existsSync(userData)).toBe(false)
    expect(stacksIn(TMPDIR)).toEqual([])
    expect(processesOf(TMPDIR)).toEqual([])
  }, 300_000)

  it('that is interrupted stops everything, removes its data and says so with 130', async () => {
    const TMPDIR = temporaryDirectory()
    const demo = new TraderProcess(['demo', '--json'], { TMPDIR })
    await demo.until('everything is running', 120_000)
    const ended = await demo.end('SIGINT')
    expect(ended.exitCode, ended.stderr).toBe(130)
    expect(ended.seconds).toBeLessThan(15)
    expect(shownIn(ended.stdout)).toMatchObject({ ok: false, error: expect.stringContaining('interrupted') })
    expect(stacksIn(TMPDIR)).toEqual([])
    expect(processesOf(TMPDIR)).toEqual([])
  }, 200_000)
})
