import { describe, expect, it } from 'vitest'
import { differences, type Kill, replayUnderFire } from '../faults/kills.ts'
import { replayedCandles, replayFiles } from '../support/replay-run.ts'
import { temporaryDataDir } from '../support/stack-process.ts'

/** Just after each of these the undisturbed run enters or leaves a position. `make certify PROOF=kills` draws 200 by chance. */
const kills: readonly Kill[] = [
  { name: 'worker', at: Date.parse('2018-04-04T05:10:00Z') },
  { name: 'mcp', at: Date.parse('2018-04-04T06:10:00Z') },
  { name: 'temporal', at: Date.parse('2018-04-04T07:45:00Z') },
  { name: 'postgres', at: Date.parse('2018-04-04T08:05:00Z') },
]

describe(`a run under fire, on ${replayedCandles}`, () => {
  it('goes on to its end when every server is killed in turn, and no order, fill or posting is lost or doubled', async () => {
    const files = replayFiles(temporaryDataDir())
    const underFire = await replayUnderFire({ files, kills })
    expect(underFire).toMatchObject({ wrongFills: '', leftOver: [] })
    const quiet = await replayUnderFire({ files, kills: [] })
    expect(Number(quiet.summary['fills'])).toBeGreaterThan(4)
    expect(underFire).toEqual(quiet)
    expect(differences(underFire, quiet)).toEqual([])
  }, 400_000)
})
