import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { auditBundle, recordProof } from '@trader/server/audit/export-bundle'
import { readSealPublicKey } from '@trader/server/audit/seal-key'
import { withTransaction, type Database } from '@trader/server/database/pool'
import { createDatabase } from '../support/postgres.ts'
import { openSealedWorld, recordJournal, sealAll, type SealedWorld } from './journal.ts'

const verifier = fileURLToPath(new URL('../../bin/verify-audit-bundle.mjs', import.meta.url))

let world: SealedWorld
let bundle: readonly string[]
beforeAll(async () => {
  world = openSealedWorld((await createDatabase(inject('postgresUrl'))).pool)
  for (const name of ['one', 'two', 'three']) {
    await recordJournal(world.pool, { rounds: 1, name })
    await sealAll(world)
  }
  bundle = await written((db) => auditBundle(db, head()))
})
afterAll(async () => {
  await world.pool.end()
  world.remove()
})

const head = (): Parameters<typeof auditBundle>[1] => ({ publicKey: readSealPublicKey(world.files), stackId: 'test', exportedAt: 1 })

async function written(lines: (db: Database) => AsyncGenerator<string>): Promise<string[]> {
  return withTransaction(world.pool, async (db) => {
    const all: string[] = []
    for await (const line of lines(db)) all.push(line.trimEnd())
    return all
  })
}

interface Verdict {
  readonly ok: boolean
  readonly seals: number
  readonly records: number
  readonly bad: readonly { readonly kind: string; readonly id: string; readonly why: string }[]
}

function verify(lines: readonly string[], ...more: string[]): Verdict {
  const file = `${world.files.root}/bundle.jsonl`
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  const { status, stdout, stderr } = spawnSync(process.execPath, [verifier, file, '--json', ...more], { encoding: 'utf8' })
  if (stdout === '') throw new Error(`the verifier said ${stderr}`)
  const verdict = JSON.parse(stdout) as Verdict
  expect(status).toBe(verdict.ok ? 0 : 1)
  return verdict
}

/** Where the first record of a kind is: a posting has a field of the name `kind` too. */
const placeOf = (kind: string): number => bundle.findIndex((line) => new RegExp(`"leaf":\\d+,"kind":"${kind}"`).test(line))

/** The line of a record, with a change. */
function changed(kind: string, change: (entry: Record<string, unknown>) => Record<string, unknown>): string[] {
  const at = placeOf(kind)
  return bundle.with(at, JSON.stringify(change(JSON.parse(bundle[at] ?? '{}') as Record<string, unknown>)))
}

describe('the verifier', () => {
  it('imports nothing but Node', () => {
    const imports = [...readFileSync(verifier, 'utf8').matchAll(/from '([^']+)'/g)].map((match) => match[1])
    expect(imports.every((name) => name?.startsWith('node:'))).toBe(true)
  })

  it('agrees with a bundle, its key and the seal log', () => {
    const { sealPublicKey, sealLog } = world.files
    const records = bundle.length - 2 - 3
    expect(verify(bundle, '--key', sealPublicKey, '--log', sealLog)).toMatchObject({ ok: true, seals: 3, records, bad: [] })
  })

  it('says which record was altered', () => {
    const altered = changed('fill', (entry) => ({ ...entry, content: String(entry['content']).replace(/"price": \d+/, '"price": 1') }))
    expect(verify(altered).bad).toMatchObject([{ kind: 'fill', why: 'it is not what was sealed' }])
    const other = changed('decision', (entry) => ({ ...entry, id: 'decision-another' }))
    expect(verify(other).bad).toMatchObject([{ kind: 'decision', id: 'decision-another' }])
  })

  it('says which seal lacks records, or has others', () => {
    const at = placeOf('orders')
    expect(verify(bundle.toSpliced(at, 1)).bad).toContainEqual(expect.objectContaining({ kind: 'seal', id: '1' }))
    expect(verify(bundle.toSpliced(at, 0, bundle[at] ?? '')).bad).toContainEqual(expect.objectContaining({ kind: 'seal', id: '1' }))
    const rehashed = changed('orders', (entry) => ({ ...entry, hash: 'a'.repeat(64) }))
    expect(verify(rehashed).bad).toContainEqual({ kind: 'seal', id: '1', why: 'its records do not lead to its root' })
  })

  it('finds a forged, a missing and a cut off seal', () => {
    const at = bundle.findIndex((line) => line.includes('"type":"seal","seal":2'))
    const forged = bundle.with(at, (bundle[at] ?? '').replace(/"sealed_at":\d+/, '"sealed_at":5'))
    expect(verify(forged).bad.map(({ id }) => id)).toContain('2')
    const third = bundle.findIndex((line) => line.includes('"type":"seal","seal":3'))
    expect(verify([...bundle.slice(0, at), ...bundle.slice(third)]).bad).toContainEqual({
      kind: 'seal',
      id: '3',
      why: 'it comes after seal 1',
    })
    const short = [...bundle.slice(0, third), JSON.stringify({ type: 'end', seals: 2, records: third - 3 })]
    expect(verify(short)).toMatchObject({ ok: true, seals: 2 })
    expect(verify(short, '--log', world.files.sealLog).bad).toMatchObject([{ kind: 'seal', id: '3' }])
    expect(verify(bundle.slice(0, third)).bad).toMatchObject([{ kind: 'bundle', why: 'it has no end: it was cut off' }])
  })

  it('does not take a bundle that somebody else has signed', async () => {
    const forger = openSealedWorld(world.pool)
    const { sealPublicKey } = forger.files
    expect(verify(bundle, '--key', sealPublicKey).bad).toMatchObject([
      { kind: 'bundle', why: expect.stringContaining('its key is not that of') },
    ])
    const withOtherKey = await written((db) => auditBundle(db, { ...head(), publicKey: readSealPublicKey(forger.files) }))
    expect(verify(withOtherKey).bad.map(({ kind, id }) => `${kind} ${id}`)).toEqual(expect.arrayContaining(['seal 1', 'seal 2', 'seal 3']))
    forger.remove()
  })

  it('checks one record by its path, without the rest', async () => {
    const { rows } = await world.pool.query<{ id: string }>('select order_id as id from orders limit 1')
    const proof = await written((db) => recordProof(db, { ...head(), kind: 'orders', id: rows[0]?.id ?? '' }))
    const verdict = verify(proof)
    expect(verdict).toMatchObject({ ok: true, seals: 1, bad: [] })
    expect(verdict.records).toBe(1)
    expect(verify(proof.map((line) => line.replace('FILLED', 'CANCELLED'))).bad).not.toEqual([])
    const otherPath = proof.map((line) => line.replace(/"path":\["[0-9a-f]{8}/, '"path":["00000000'))
    expect(verify(otherPath).bad).toContainEqual(
      expect.objectContaining({ kind: 'orders', why: 'its path does not lead to the root of seal 1' }),
    )
  })
})
