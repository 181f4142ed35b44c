import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { parseDecision } from '@trader/core/agent/parse-decision'
import type { Pool } from '@trader/server/database/pool'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { quietTemporal } from '../support/trading.ts'
import { badText } from './bad-answers.ts'
import { answerBadly } from './model-answers.ts'

const seed = 18

describe('a model that answers badly', () => {
  it('gives no decision by any of 20,000 texts, and the fault is named in clean words', () => {
    for (let index = 0; index < 20_000; index += 1) {
      const { kind, text } = badText({ seed, index })
      const parsed = parseDecision(text, ['BTC-USD'])
      expect(parsed.ok, `${index} ${kind}: ${text.slice(0, 300)}`).toBe(false)
      if (parsed.ok) continue
      expect(parsed.detail.length, `${index} ${kind}`).toBeLessThan(600)
      expect(parsed.detail, `${index} ${kind}`).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }
  })
})

describe('a decision whose model answers badly', () => {
  let temporal: TestWorkflowEnvironment
  let pool: Pool
  beforeAll(async () => {
    quietTemporal()
    temporal = await startTemporal()
    pool = (await createDatabase(inject('postgresUrl'))).pool
  })
  afterAll(async () => {
    await pool.end()
    await temporal.teardown()
  })

  // `make certify PROOF=model-answers` makes 1,000.
  it('is a recorded HOLD with its reason, 40 times of 40, and the next good answer trades', async () => {
    const { wrong } = await answerBadly({ temporal, pool, seed, from: 0, to: 40 })
    expect(wrong).toEqual([])
  })
})
