import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { readShapes } from '@trader/server/audit/record-content'
import { SealChainBroken, sealBatch } from '@trader/server/audit/seal-batch'
import { chainAfter } from '@trader/server/audit/seal-chain'
import type { Pool } from '@trader/server/database/pool'
import { setTradingFlag } from '@trader/server/database/queries/trading-flag'
import { marketTime, newRun } from '../database/book.ts'
import { createDatabase } from '../support/postgres.ts'
import { openSealedWorld, recordJournal, sealAll, verifyWorld, type SealedWorld } from './journal.ts'

let pool: Pool
let world: SealedWorld
beforeEach(async () => {
  ;({ pool } = await createDatabase(inject('postgresUrl')))
  world = openSealedWorld(pool)
})
afterEach(async () => {
  await pool.end()
  world.remove()
})

const setFlag = (state: 'paused' | 'active' | 'halted', who = 'owner'): Promise<unknown> =>
  setTradingFlag(pool, { book: 'paper', state, who, reason: 'test', market_time: marketTime })

describe('the seals', () => {
  it('cover what is recorded, and a check finds nothing wrong', async () => {
    await recordJournal(pool, { rounds: 2, name: 'one' })
    expect((await verifyWorld(world)).unsealed).toBeGreaterThan(100)
    expect(await sealAll(world)).toBe(1)
    expect(await sealAll(world)).toBe(0)
    await recordJournal(pool, { rounds: 1, name: 'two' })
    expect(await sealAll(world)).toBe(1)
    const verdict = await verifyWorld(world)
    expect(verdict).toMatchObject({ ok: true, bad: [], seals: 2, unsealed: 0, oldest_unsealed_ms: null })
    const { rows } = await pool.query<{ kinds: number }>('select count(distinct kind)::int as kinds from audit_leaf')
    expect(rows[0]?.kinds).toBe(30)
  })

  it('have no gap between transactions at the same time: one that commits late is sealed late, although its records came first', async () => {
    await sealAll(world)
    const late = await pool.connect()
    await late.query('begin')
    await late.query(
      `insert into access_token (token_id, name, scope, token_sha256) values ('aaaaaaaaaaaa', 'late', 'read', repeat('a', 64))`,
    )
    await setFlag('paused')
    expect(await sealAll(world)).toBe(1)
    await late.query('commit')
    late.release()
    expect(await verifyWorld(world)).toMatchObject({ ok: true, unsealed: 1 })
    expect(await sealAll(world)).toBe(1)
    expect(await verifyWorld(world)).toMatchObject({ ok: true, unsealed: 0, bad: [] })
  })

  it('hold no record of a transaction that was rolled back', async () => {
    await sealAll(world)
    const client = await pool.connect()
    await client.query('begin')
    await client.query(
      `insert into access_token (token_id, name, scope, token_sha256) values ('aaaaaaaaaaaa', 'never', 'read', repeat('a', 64))`,
    )
    await client.query('rollback')
    client.release()
    expect(await sealAll(world)).toBe(0)
  })

  it('are small enough to hold in memory: a long queue is many seals', async () => {
    await newRun(pool)
    await pool.query(
      `insert into access_token (token_id, name, scope, token_sha256)
       select lpad(n::text, 12, '0'), 'many', 'read', encode(sha256(n::text::bytea), 'hex') from generate_series(1, 12000) n`,
    )
    expect(await sealAll(world)).toBe(3)
    expect(await verifyWorld(world)).toMatchObject({ ok: true, seals: 3 })
  })

  it('are not made by a sealer whose chain is not the one in the database', async () => {
    await sealAll(world)
    await setFlag('paused')
    await expect(sealBatch(pool, { signer: world.signer, shapes: await readShapes(pool), end: chainAfter(null) })).rejects.toThrow(
      SealChainBroken,
    )
    const other = openSealedWorld(pool)
    await sealAll(world)
    await setFlag('active')
    await sealBatch(pool, { signer: other.signer, shapes: await readShapes(pool), end: chainAfter(await newest()) })
    expect((await verifyWorld(world)).bad).toContainEqual({ kind: 'seal', id: '3', why: 'in the database it names another key' })
    other.remove()
  })
})

const newest = async (): Promise<Parameters<typeof chainAfter>[0]> =>
  (await pool.query('select * from audit_seal order by seal desc limit 1')).rows[0]

describe('a check', () => {
  /** Findings after a statement by a superuser with the triggers off. */
  async function tampered(sql: string): Promise<string[]> {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query('set local session_replication_role = replica')
      await client.query(sql)
      const { bad } = await verifyWorld(world, client)
      return bad.map(({ kind, id, why }) => `${kind} ${id}: ${why}`)
    } finally {
      await client.query('rollback')
      client.release()
    }
  }

  it('says what was done to which row', async () => {
    await recordJournal(pool, { rounds: 1, name: 'one' })
    await setFlag('halted')
    await sealAll(world)
    expect(await tampered(`update wallet set tradeable_fraction = 1 where wallet_id = 2`)).toEqual([
      expect.stringMatching(/^wallet 2: it is not as it was recorded last: tradeable_fraction is 1, was 0\.9$/),
    ])
    expect(await tampered(`update trading_flag set state = 'active' where book = 'paper'`)).toEqual([
      'trading_flag paper: it is not as it was recorded last: state is "active", was "halted"',
    ])
    expect(await tampered(`update fill set price = price + 1 where trade_id = '2'`)).toEqual([
      expect.stringMatching(/^fill [0-9a-f-]{36}: it was altered after seal 1$/),
    ])
    expect(await tampered(`update entry set amount = amount + 1 where txn_id = 2 and seq = 1`)).toEqual([
      'txn 2: it was altered after seal 1',
      expect.stringMatching(/^account \d+: posted .*; its entries and holds say/),
    ])
    expect(await tampered(`delete from decision`)).toEqual(['decision decision-one-0: it was removed after seal 1'])
    expect(await tampered(`insert into preferences (version, preferences, who) values (2, '{}', 'nobody')`)).toEqual([
      'preferences 2: no record knows it: it was added, or its record removed',
    ])
    expect(await tampered(`update account set posted = posted + 5 where account_id = 1`)).toEqual([
      expect.stringMatching(/^account 1: posted /),
    ])
    expect(await tampered(`update wallet set net_spent = 0 where wallet_id = 2`)).toEqual([expect.stringMatching(/^wallet 2: net spent 0/)])
    expect(
      await tampered(`alter table workflow_history drop constraint workflow_history_check; update workflow_history set history = 'other'`),
    ).toEqual([expect.stringMatching(/^workflow_history .*: it was altered after seal 1/)])
    expect(
      await tampered(
        `update audit_leaf set content = content || ' ' where kind = 'orders' and leaf = (select max(leaf) from audit_leaf where kind = 'orders')`,
      ),
    ).toEqual([
      expect.stringMatching(/^orders [0-9a-f-]{36}: it was altered after seal 1$/),
      expect.stringMatching(/^orders [0-9a-f-]{36}: it is not as it was recorded last$/),
    ])
  })

  it('knows what is not sealed yet, and finds a row that neither is sealed nor waits', async () => {
    await sealAll(world)
    await setFlag('paused')
    expect(await verifyWorld(world)).toMatchObject({ ok: true, unsealed: 2 })
    expect(await tampered(`delete from audit_queue`)).toEqual([
      'trading_flag_change paper/1: no record knows it: it was added, or its record removed',
      expect.stringMatching(/^trading_flag paper: it is not as it was recorded last: .*state is "paused", was "active"/),
    ])
  })

  it('holds a cut off or missing seal log against the database, and the other way round', async () => {
    await setFlag('paused')
    await sealAll(world)
    await setFlag('active')
    await sealAll(world)
    const log = readFileSync(world.files.sealLog, 'utf8')
    writeFileSync(world.files.sealLog, log.split('\n')[0] + '\n')
    expect((await verifyWorld(world)).bad).toMatchObject([
      { kind: 'seal', id: '2', why: expect.stringContaining('the seal log does not have it') },
    ])
    writeFileSync(world.files.sealLog, log)
    expect(await tampered('delete from audit_leaf where seal = 2; delete from audit_seal where seal = 2')).toContainEqual(
      'seal 2: the seal log has it, the database does not',
    )
  })
})
