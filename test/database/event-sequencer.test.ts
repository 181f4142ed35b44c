import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import pg from 'pg'
import { event as eventShape, type EventType } from '@trader/core/contract/event'
import { EventSequencer, sequenceEvents } from '@trader/server/database/event-sequencer'
import type { Database, Pool } from '@trader/server/database/pool'
import { appendEvent } from '@trader/server/database/queries/append-event'
import { eventsSince, lastEventId } from '@trader/server/database/queries/events-since'
import { createDatabase } from '../support/postgres.ts'

let pool: Pool
let url: string
beforeAll(async () => {
  ;({ pool, url } = await createDatabase(inject('postgresUrl')))
})
afterAll(() => pool.end())

function append(db: Database, name: string, change: { type?: EventType; idempotency_key?: string } = {}): Promise<void> {
  const type = change.type ?? 'operator_action'
  return appendEvent(db, {
    ...change,
    type,
    source: 'test',
    book: 'paper',
    run_id: null,
    correlation_id: name,
    timestamp: 5,
    payload: { name },
  })
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await isTrue()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('it never became true')
}

describe('the event log', () => {
  it('shows an event only once it is numbered, in the contract shape', async () => {
    await append(pool, 'one')
    expect(await eventsSince(pool, { since: 0 })).toEqual([])
    expect(await sequenceEvents(pool)).toBe(1)
    expect(await sequenceEvents(pool)).toBe(0)
    const [only] = await eventsSince(pool, { since: 0 })
    expect(eventShape.parse(only)).toMatchObject({ id: 1, type: 'operator_action', timestamp: 5, payload: { name: 'one' } })
  })

  it('keeps an event with a key once, and filters by type, source and correlation', async () => {
    const since = await lastEventId(pool)
    await append(pool, 'keyed', { idempotency_key: 'k', type: 'intent' })
    await append(pool, 'keyed', { idempotency_key: 'k', type: 'intent' })
    await append(pool, 'other')
    await sequenceEvents(pool)
    expect(await eventsSince(pool, { since })).toHaveLength(2)
    expect(await eventsSince(pool, { since, types: ['intent'] })).toHaveLength(1)
    expect(await eventsSince(pool, { since, correlationId: 'other' })).toHaveLength(1)
    expect(await eventsSince(pool, { since, source: 'nobody' })).toHaveLength(0)
    expect(await eventsSince(pool, { since, limit: 1 })).toHaveLength(1)
  })

  it('numbers without a gap under concurrent writers, roll-backs and two sequencers, and a reader misses nothing', async () => {
    const start = await lastEventId(pool)
    const errors: unknown[] = []
    const onError = (error: unknown): unknown => errors.push(error)
    const sequencers = [0, 1].map(() => new EventSequencer({ pool, intervalMs: 50, onError }))
    for (const sequencer of sequencers) sequencer.start()
    const seen: number[] = []
    const writing = { isOver: false }
    const reader = (async (): Promise<void> => {
      for (let cursor = start; !writing.isOver || cursor < (await lastEventId(pool));) {
        for (const { id } of await eventsSince(pool, { since: cursor, limit: 7 })) seen.push((cursor = id))
      }
    })()
    let committed = 0
    const write = async (writer: number): Promise<void> => {
      for (let turn = 0; turn < 25; turn += 1) {
        const client = await pool.connect()
        await client.query('begin')
        await append(client, `${writer}-${turn}-a`)
        if (turn % 3 === 0) await new Promise((resolve) => setTimeout(resolve, (writer * 7 + turn) % 11))
        await append(client, `${writer}-${turn}-b`)
        const isKept = (writer + turn) % 4 !== 0
        await client.query(isKept ? 'commit' : 'rollback')
        if (isKept) committed += 2
        client.release()
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)))
    await until(async () => (await lastEventId(pool)) === start + committed)
    writing.isOver = true
    await reader
    await Promise.all(sequencers.map((sequencer) => sequencer.stop()))
    expect(errors).toEqual([])
    expect(committed).toBeGreaterThan(200)
    expect(seen).toEqual(Array.from({ length: committed }, (_, index) => start + 1 + index))
  })

  it('tells listeners the first and last id only', async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const heard: string[] = []
    client.on('notification', (message) => heard.push(message.payload ?? ''))
    await client.query('listen event')
    const start = await lastEventId(pool)
    await append(pool, 'a')
    await append(pool, 'b')
    await sequenceEvents(pool)
    await until(async () => heard.length > 0)
    await client.end()
    expect(heard).toEqual([`${start + 1}-${start + 2}`])
  })

  it('goes on after its connections were cut', async () => {
    const sequencer = new EventSequencer({ pool, intervalMs: 30 })
    sequencer.start()
    await append(pool, 'before')
    const start = await lastEventId(pool)
    await until(async () => (await lastEventId(pool)) > start || start > 0)
    await pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await append(pool, 'after').catch(() => append(pool, 'after'))
    await until(async () => {
      const events = await eventsSince(pool, { since: 0, correlationId: 'after' }).catch(() => [])
      return events.length === 1
    })
    await sequencer.stop()
  })
})
