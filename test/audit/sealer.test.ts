import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { readShapes } from '@trader/server/audit/record-content'
import { newestSeal, sealBatch } from '@trader/server/audit/seal-batch'
import { chainAfter } from '@trader/server/audit/seal-chain'
import { lastLoggedSeal } from '@trader/server/audit/seal-log'
import { Sealer } from '@trader/server/audit/sealer'
import { readSealingState } from '@trader/server/audit/sealing-state'
import { writeRestoreNote } from '@trader/server/audit/restore-note'
import type { Pool } from '@trader/server/database/pool'
import { setTradingFlag } from '@trader/server/database/queries/trading-flag'
import { waitUntil } from '@trader/server/stack/wait'
import { marketTime } from '../database/book.ts'
import { createDatabase } from '../support/postgres.ts'
import { openSealedWorld, recordJournal, sealAll, verifyWorld, type SealedWorld } from './journal.ts'

let pool: Pool
let world: SealedWorld
let sealers: Sealer[]
const said: string[] = []
beforeEach(async () => {
  ;({ pool } = await createDatabase(inject('postgresUrl')))
  world = openSealedWorld(pool)
  sealers = []
  said.length = 0
  flips = 0
})
afterEach(async () => {
  for (const sealer of sealers) await sealer.stop()
  await pool.end()
  world.remove()
})

function startSealer(): Sealer {
  const { files, signer } = world
  const sealer = new Sealer({ pool, signer, files, book: 'paper', log: (text) => said.push(text), clock: Date.now })
  sealers.push(sealer)
  sealer.start()
  return sealer
}

let flips = 0
async function changeSomething(): Promise<void> {
  flips += 1
  await setTradingFlag(pool, {
    book: 'paper',
    state: flips % 2 === 1 ? 'paused' : 'active',
    who: 'owner',
    reason: 'test',
    market_time: marketTime,
  })
}

const pastTriggers = (sql: string): Promise<unknown> => pool.query(`begin; set local session_replication_role = replica; ${sql}; commit`)

const isSealed = async (): Promise<boolean> => (await pool.query('select from audit_queue limit 1')).rowCount === 0

async function eventsOfSealer(): Promise<{ type: string; payload: Record<string, string> }[]> {
  return (await pool.query(`select type, payload from event where source = 'sealer' order by row_id`)).rows
}

describe('the sealer', () => {
  it('makes its key at the first start, for its owner alone, and uses it ever after', () => {
    const { sealKey, sealPublicKey } = world.files
    expect(statSync(sealKey).mode & 0o777).toBe(0o600)
    expect(readFileSync(sealPublicKey, 'utf8')).toContain('PUBLIC KEY')
    const again = openSealedWorld(pool)
    expect(again.signer.keyId).not.toBe(world.signer.keyId)
    again.remove()
  })

  it('seals within a second what is recorded while it runs, and the rest when it is told to stop', async () => {
    const sealer = startSealer()
    await waitUntil(isSealed, { timeoutMs: 10_000 })
    for (let round = 0; round < 5; round += 1) await recordJournal(pool, { rounds: 1, name: `live-${round}` })
    await changeSomething()
    await sealer.stop()
    expect(await isSealed()).toBe(true)
    const verdict = await verifyWorld(world)
    expect(verdict).toMatchObject({ ok: true, bad: [], unsealed: 0 })
    const { rows } = await pool.query<{ lag: number }>('select max(lag_ms)::int as lag from audit_seal where seal > 1')
    expect(rows[0]?.lag).toBeLessThanOrEqual(1000)
  })

  it('writes the line that its predecessor was killed before', async () => {
    await sealAll(world)
    await changeSomething()
    await sealBatch(pool, { signer: world.signer, shapes: await readShapes(pool), end: chainAfter(await newestSeal(pool)) })
    expect((await verifyWorld(world)).bad).toMatchObject([{ kind: 'seal', id: '2' }])
    startSealer()
    await waitUntil(() => lastLoggedSeal(world.files.sealLog)?.seal === 2, { timeoutMs: 10_000 })
    expect(await verifyWorld(world)).toMatchObject({ ok: true, seals: 2 })
  })

  it('takes half a line off before it writes the next', async () => {
    await sealAll(world)
    await changeSomething()
    await sealAll(world)
    truncateSync(world.files.sealLog, statSync(world.files.sealLog).size - 40)
    await waitUntil(isSealed, { timeoutMs: 1000 })
    startSealer()
    await waitUntil(() => lastLoggedSeal(world.files.sealLog)?.seal === 2, { timeoutMs: 10_000 })
    expect(await verifyWorld(world)).toMatchObject({ ok: true, seals: 2 })
  })

  it('does not go on after a database was put back, until its owner says so; what is missing stays on record', async () => {
    await sealAll(world)
    for (let seal = 2; seal <= 4; seal += 1) {
      await changeSomething()
      await sealAll(world)
    }
    await pastTriggers('delete from audit_leaf where seal > 2; delete from audit_seal where seal > 2')
    await changeSomething()
    startSealer()
    await waitUntil(async () => (await eventsOfSealer()).length > 0, { timeoutMs: 10_000 })
    expect(await eventsOfSealer()).toMatchObject([
      {
        type: 'component_failed',
        payload: { component: 'sealer', reason: expect.stringMatching(/database ends with seal 2 .*, the seal log with seal 4 /) },
      },
    ])
    expect(await isSealed()).toBe(false)
    expect((await readSealingState(pool, world.files)).problem).toMatch(/database ends with seal 2/)
    writeRestoreNote(world.files.restoreNote, 'the disk was lost')
    await waitUntil(isSealed, { timeoutMs: 10_000 })
    await waitUntil(() => lastLoggedSeal(world.files.sealLog)?.seal === 5, { timeoutMs: 10_000 })
    const verdict = await verifyWorld(world)
    expect(verdict.accepted_gaps).toEqual([{ from: 3, to: 4, in: 'database' }])
    expect(verdict.bad.filter(({ kind }) => kind === 'seal')).toEqual([])
    expect((await eventsOfSealer()).map(({ type }) => type)).toEqual(['component_failed', 'operator_action', 'component_started'])
    expect((await readSealingState(pool, world.files)).problem).toBeNull()
  })

  it('goes on after a seal log was lost, when its owner says so', async () => {
    for (let seal = 1; seal <= 3; seal += 1) {
      await changeSomething()
      await sealAll(world)
    }
    writeFileSync(world.files.sealLog, '')
    await changeSomething()
    writeRestoreNote(world.files.restoreNote, 'not in the backup')
    startSealer()
    await waitUntil(() => lastLoggedSeal(world.files.sealLog)?.seal === 4, { timeoutMs: 10_000 })
    expect(await verifyWorld(world)).toMatchObject({ ok: true, accepted_gaps: [{ from: 1, to: 3, in: 'log' }] })
  })

  it('says once that it was behind, and that it is no longer', async () => {
    const began = performance.now()
    await changeSomething()
    // All of them: what the migrations queued is as old as the template that this database is a copy of.
    await pastTriggers('update audit_queue set queued_at = (extract(epoch from clock_timestamp()) * 1000)::bigint - 60000')
    /** Told in seconds: the minute, and what has passed since. */
    const isTheAge = (told: string | undefined): void => {
      expect(Number(told)).toBeGreaterThanOrEqual(60)
      expect(Number(told)).toBeLessThanOrEqual(60.1 + (performance.now() - began) / 1000)
    }
    const { problem } = await readSealingState(pool, world.files)
    isTheAge(/sealing is behind: the oldest unsealed record is ([\d.]+) s old/.exec(problem ?? '')?.[1])
    startSealer()
    await waitUntil(async () => (await eventsOfSealer()).length === 2, { timeoutMs: 10_000 })
    const [failed, started] = await eventsOfSealer()
    expect(failed?.type).toBe('component_failed')
    isTheAge(/^sealing was ([\d.]+) s behind at seal 1$/.exec(String(failed?.payload['reason']))?.[1])
    expect(started).toMatchObject({ type: 'component_started' })
  })

  it('is alone: a second one on the same chain seals nothing twice', async () => {
    startSealer()
    startSealer()
    for (let change = 0; change < 20; change += 1) await changeSomething()
    await waitUntil(isSealed, { timeoutMs: 10_000 })
    for (const sealer of sealers) await sealer.stop()
    expect(await verifyWorld(world)).toMatchObject({ ok: true, bad: [] })
  })
})
