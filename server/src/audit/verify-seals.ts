import type { KeyObject } from 'node:crypto'
import { beforeFirstSeal, seal as sealShape, sealHash, type Seal } from '@trader/core/audit/seal'
import type { Database } from '../database/pool.ts'
import type { Findings } from './findings.ts'
import { scan } from './scan.ts'
import { isSignedBy, keyIdOf } from './seal-key.ts'
import { readSealLog } from './seal-log.ts'

type Place = 'database' | 'log'

/** Seals that one of the two places lacks. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly in: Place
}

export interface CheckedSeals {
  /** In the database. */
  readonly seals: number
  /** Of any but the first. */
  readonly longest_lag_ms: number
  /** What its owner said was lost, when a database or a seal log was put back. */
  readonly accepted_gaps: readonly Gap[]
}

/** Goes through the seals of the database and the lines of the log side by side, by number. Lines of seals after `upTo` do not count. */
export async function verifySeals(
  db: Database,
  { publicKey, sealLog, findings, upTo }: { publicKey: KeyObject; sealLog: string; findings: Findings; upTo: number },
): Promise<CheckedSeals> {
  const check = new ChainCheck(publicKey, findings)
  const stored = storedSeals(db)
  const logged = loggedSeals(sealLog, { findings, upTo })
  let [here, there] = [await next(stored), await next(logged)]
  while (here !== null || there !== null) {
    const number = Math.min(here?.seal ?? Infinity, there?.seal ?? Infinity)
    const [isHere, isThere] = [here?.seal === number, there?.seal === number]
    check.step({ database: isHere ? here : null, log: isThere ? there : null })
    if (isHere) here = await next(stored)
    if (isThere) there = await next(logged)
  }
  return check.finish()
}

/** The chain, one number at a time. A gap is bad unless a later seal says that its owner knows of it. */
class ChainCheck {
  readonly #publicKey: KeyObject
  readonly #keyId: string
  readonly #findings: Findings
  #gaps: Gap[] = []
  readonly #accepted: Gap[] = []
  readonly #expected = { database: 1, log: 1 }
  #previous: Seal | null = null
  #seals = 0
  #longestLag = 0

  constructor(publicKey: KeyObject, findings: Findings) {
    this.#publicKey = publicKey
    this.#keyId = keyIdOf(publicKey)
    this.#findings = findings
  }

  /** What the two have under the next number; at least one of them has something. */
  step({ database, log }: Record<Place, Seal | null>): void {
    const seal = database ?? log
    if (seal === null) return
    if (log !== null && log.seal < this.#expected.log) return this.#bad(log.seal, 'the seal log has it twice or out of order')
    this.#mark('database', { seal: database, number: seal.seal })
    this.#mark('log', { seal: log, number: seal.seal })
    if (database !== null && log !== null && !isSame(database, log)) this.#bad(seal.seal, 'the database and the seal log differ')
    if (database !== null) this.#check(database, 'the database')
    if (log !== null && (database === null || !isSame(database, log))) this.#check(log, 'the seal log')
    if (seal.previous !== (this.#previous?.hash ?? beforeFirstSeal)) this.#bad(seal.seal, 'it does not follow the seal before it')
    if (seal.log_ended_at !== null && isSignedBy(this.#publicKey, seal)) this.#accept(seal)
    if (database !== null) this.#count(database)
    this.#previous = seal
  }

  finish(): CheckedSeals {
    for (const { from, to, in: place } of this.#gaps) {
      this.#findings.add({ kind: 'seal', id: from === to ? String(from) : `${from}-${to}`, why: missing[place] })
    }
    return { seals: this.#seals, longest_lag_ms: this.#longestLag, accepted_gaps: this.#accepted }
  }

  /** Notes the numbers that a place skipped, up to this one. */
  #mark(place: Place, { seal, number }: { seal: Seal | null; number: number }): void {
    const from = this.#expected[place]
    const to = seal === null ? number : number - 1
    this.#expected[place] = number + 1
    if (from > to) return
    const before = this.#gaps.findLast((gap) => gap.in === place)
    if (before?.to !== from - 1) this.#gaps.push({ from, to, in: place })
    else this.#gaps = this.#gaps.map((gap) => (gap === before ? { ...gap, to } : gap))
  }

  #check(seal: Seal, place: string): void {
    if (seal.hash !== sealHash(seal)) this.#bad(seal.seal, `in ${place} its hash is not that of what it says`)
    if (seal.key_id !== this.#keyId) this.#bad(seal.seal, `in ${place} it names another key`)
    if (!isSignedBy(this.#publicKey, seal)) this.#bad(seal.seal, `in ${place} its signature is not by this stack's key`)
  }

  /** Its owner went on from where database and log ended: what is missing between there and here is known. */
  #accept({ database_ended_at, log_ended_at }: Seal): void {
    const ends = { database: database_ended_at ?? 0, log: log_ended_at ?? 0 }
    const isKnown = (gap: Gap): boolean => gap.from > ends[gap.in]
    this.#accepted.push(...this.#gaps.filter(isKnown))
    this.#gaps = this.#gaps.filter((gap) => !isKnown(gap))
  }

  /** The first seal holds what was there before there was a sealer. */
  #count({ seal, lag_ms }: Seal): void {
    this.#seals += 1
    if (seal > 1) this.#longestLag = Math.max(this.#longestLag, lag_ms)
  }

  #bad(seal: number, why: string): void {
    this.#findings.add({ kind: 'seal', id: String(seal), why })
  }
}

const missing = {
  database: 'the seal log has it, the database does not',
  log: 'the seal log does not have it: it was cut off, or the sealer was killed just before it wrote the line (its next start writes it)',
}

function isSame(one: Seal, other: Seal): boolean {
  return sealFields.every((name) => one[name] === other[name])
}

const sealFields = sealShape.keyof().options

async function* storedSeals(db: Database): AsyncGenerator<Seal> {
  for await (const seals of scan<Seal>(db, 'select * from audit_seal order by seal')) yield* seals
}

async function* loggedSeals(path: string, { findings, upTo }: { findings: Findings; upTo: number }): AsyncGenerator<Seal> {
  for await (const { line, seal } of readSealLog(path)) {
    if (seal === null) findings.add({ kind: 'seal', id: `line ${line}`, why: 'this line of the seal log is no seal' })
    else if (seal.seal <= upTo) yield seal
  }
}

async function next<Item>(items: AsyncGenerator<Item>): Promise<Item | null> {
  const { value, done } = await items.next()
  return done === true ? null : value
}
