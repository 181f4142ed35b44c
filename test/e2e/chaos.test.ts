import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { checkFills, comparable, cursorOf, readBooks, replayFiles, startReplay, summaryOf, whyNoCandles } from '../support/replay-run.ts'
import { componentOf, processesOf, temporaryDataDir } from '../support/stack-process.ts'

const end = '2018-04-04T09:45:00Z'
/** One decision a second: slow enough to be hit in the middle of its trades. */
const killedSpeed = 300
/** Who is killed when, in market time. Just after each of these the undisturbed run enters or leaves a position. */
const kills = [
  { name: 'worker', title: 'worker', at: '2018-04-04T05:10:00Z' },
  { name: 'mcp', title: 'MCP server', at: '2018-04-04T06:10:00Z' },
  { name: 'temporal', title: 'Temporal', at: '2018-04-04T07:45:00Z' },
  { name: 'postgres', title: 'Postgres', at: '2018-04-04T08:05:00Z' },
] as const

describe.skipIf(whyNoCandles !== null)(`a run under fire${whyNoCandles === null ? '' : ` (skipped: ${whyNoCandles})`}`, () => {
  it('goes on to its end when every server is killed in turn, and no order, fill or posting is lost or doubled', async () => {
    const files = replayFiles(temporaryDataDir())
    const dataDir = temporaryDataDir()
    const stack = await startReplay({ dataDir, files, until: end, speed: killedSpeed })
    await stack.until('Ready in')
    for (const { name, title, at } of kills) {
      while ((await cursorOf(dataDir)) < Date.parse(at)) await sleep(50)
      const { pid } = await componentOf(dataDir, name)
      if (pid === null) throw new Error(`${name} has no process`)
      process.kill(pid, 'SIGKILL')
      await stack.until(`${title} is back`)
      expect(stack.child.exitCode).toBeNull()
    }
    const summary = summaryOf(await stack.outcome)
    expect(processesOf(dataDir)).toEqual([])
    const exportFile = join(dataDir, 'export.json')
    const books = await readBooks(dataDir, exportFile)
    expect(checkFills({ exportFile, files, summary })).toMatchObject({ exitCode: 0 })

    const quietDir = temporaryDataDir()
    const quiet = summaryOf(await (await startReplay({ dataDir: quietDir, files, until: end })).outcome)
    const quietBooks = await readBooks(quietDir, join(quietDir, 'export.json'))
    expect(Number(quiet['fills'])).toBeGreaterThan(4)
    expect({ ...summary, run_id: '' }).toEqual({ ...quiet, run_id: '' })
    expect(comparable(books)).toEqual(comparable(quietBooks))
    expect(books.entries).toHaveLength(quietBooks.entries.length)
  }, 400_000)
})
