import { describe, expect, inject, it } from 'vitest'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { floodWithSignals } from './signal-flood.ts'

describe('a flood of signals', () => {
  it('is counted to the last one, each once, over many runs of the agent', async () => {
    const temporal = await startTemporal({ suggestNewRunAfter: 200 })
    const { pool } = await createDatabase(inject('postgresUrl'))
    try {
      const flood = await floodWithSignals({ temporal, pool, signals: 1000, perSecond: 400, breath: 200 })
      expect(flood).toMatchObject({ counted: 1000, refused: 0 })
      expect(flood.runs).toBeGreaterThan(3)
      expect(flood.longest_run).toBeLessThan(1000)
    } finally {
      await pool.end()
      await temporal.teardown()
    }
  })
})
