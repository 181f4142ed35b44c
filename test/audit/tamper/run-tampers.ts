import { verifyAudit, type AuditVerdict } from '@trader/server/audit/verify-audit'
import { readSealPublicKey } from '@trader/server/audit/seal-key'
import { seededRandom } from '@trader/core/market/seeded-random'
import type { Database, Transaction } from '@trader/server/database/pool'
import pg from 'pg'
import type { SealedWorld } from '../journal.ts'
import { NoTamper, numbers, pickOf, type Dice, type Tamper } from './draw.ts'
import { tamperLog } from './log.ts'
import { addRow, alterValue, removeRow, swapValues, truncateTail } from './rows.ts'
import { forgeSeal, tamperTogether, truncateSeals } from './seals.ts'
import { tamperTables, type TamperTable } from './tables.ts'

// What somebody may do who is superuser of the database, with its triggers and foreign keys switched off, or who can write the file
// of seals. Every tamper is drawn: what, where and to which value; a check must find it and name the place.

/** A tamper that was not found, or not where it was. */
export interface Miss {
  readonly number: number
  readonly what: string
  readonly places: readonly string[]
  readonly found: readonly string[]
}

export interface Tampering {
  readonly tampers: number
  readonly found: number
  readonly located: number
  /** Tampers of which a check also named rows that were not touched and do not follow from those that were. */
  readonly slandered: number
  readonly misses: readonly Miss[]
  /** How often each thing was done to each table or file. */
  readonly done: Readonly<Record<string, number>>
}

/** Nothing, or what was counted so far. */
export const noTampers: Tampering = { tampers: 0, found: 0, located: 0, slandered: 0, misses: [], done: {} }

/** Does tamper after tamper, each in a transaction that is rolled back, with a full check inside it. */
export async function runTampers(
  world: SealedWorld,
  options: { seed: number; from: number; count: number; before?: Tampering; onEach?: (so_far: Tampering, next: number) => void },
): Promise<Tampering> {
  const { seed, from, count, before = noTampers, onEach } = options
  const random = seededRandom(seed, 'tamper')
  const tables = await tamperTables(world.pool)
  let counted = before
  const client = await world.pool.connect()
  try {
    for (const number of numbers(from, from + count - 1)) {
      let place = 0
      const dice = (): number => random.uniform(number, place++)
      counted = add(counted, { number, ...(await tamperAndCheck(client, { dice, tables, world })) })
      onEach?.(counted, number + 1)
    }
  } finally {
    client.release()
  }
  return counted
}

async function tamperAndCheck(
  client: Transaction,
  options: { dice: Dice; tables: readonly TamperTable[]; world: SealedWorld },
): Promise<{ done: Tamper; verdict: AuditVerdict }> {
  const { files } = options.world
  await client.query('begin isolation level repeatable read')
  try {
    await client.query('set local session_replication_role = replica')
    const done = await tamperSomehow(client, options)
    const verdict = await verifyAudit(client, { publicKey: readSealPublicKey(files), sealLog: done.sealLog ?? files.sealLog })
    return { done, verdict }
  } finally {
    await client.query('rollback')
  }
}

/** Draws until a tamper changes something: a value may be the same, or the database may refuse it by a key or a type. */
async function tamperSomehow(client: Transaction, options: Parameters<typeof tamper>[1]): Promise<Tamper> {
  for (;;) {
    await client.query('savepoint draw')
    try {
      return await tamper(client, options)
    } catch (error) {
      if (!(error instanceof NoTamper || error instanceof pg.DatabaseError)) throw error
      await client.query('rollback to draw')
    }
  }
}

function add(so_far: Tampering, { number, done, verdict }: { number: number; done: Tamper; verdict: AuditVerdict }): Tampering {
  const named = placesOf(verdict.bad)
  const isLocated = done.mustAll ? done.places.every((place) => named.has(place)) : done.places.some((place) => named.has(place))
  const isSlander = !isOfSeals.test(done.label) && [...named].some((place) => !done.places.includes(place) && !consequences.test(place))
  const miss = { number, what: done.what, places: done.places, found: [...named] }
  return {
    tampers: so_far.tampers + 1,
    found: so_far.found + (verdict.ok ? 0 : 1),
    located: so_far.located + (isLocated ? 1 : 0),
    slandered: so_far.slandered + (isSlander ? 1 : 0),
    misses: verdict.ok || !isLocated || isSlander ? [...so_far.misses, miss].slice(0, 20) : so_far.misses,
    done: { ...so_far.done, [done.label]: (so_far.done[done.label] ?? 0) + 1 },
  }
}

/** Without its leaf or seal a row is unknown. */
const isOfSeals = /audit_|seal/

/** A balance no longer follows from a tampered entry, hold or fill; a seal's records no longer lead to its root. */
const consequences = /^(account|wallet|seal|entry) /

/** Draws one tamper and does it, inside a transaction in which triggers are off. */
async function tamper(db: Database, options: { dice: Dice; tables: readonly TamperTable[]; world: SealedWorld }): Promise<Tamper> {
  const { dice, tables, world } = options
  const roll = dice()
  if (roll < 0.1) return tamperLog(world, dice)
  if (roll < 0.16) return tamperTogether(db, dice)
  if (roll < 0.2) return forgeSeal(db, { world, dice })
  if (roll < 0.25) return truncateSeals(db, dice)
  const table = pickOf(dice, tables)
  const act = pickOf(dice, [alterValue, alterValue, alterValue, removeRow, addRow, swapValues, truncateTail])
  return act(db, { table, dice })
}

/** The places that findings name; `7-9` are three seals. */
function placesOf(findings: readonly { readonly kind: string; readonly id: string }[]): Set<string> {
  return new Set(
    findings.flatMap(({ kind, id }) => {
      const range = kind === 'seal' ? /^(\d+)-(\d+)$/.exec(id) : null
      return range === null ? [`${kind} ${id}`] : numbers(Number(range[1]), Number(range[2])).map((seal) => `seal ${seal}`)
    }),
  )
}
