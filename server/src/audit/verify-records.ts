import { merkleRoot } from '@trader/core/audit/merkle-tree'
import type { Database } from '../database/pool.ts'
import type { Findings } from './findings.ts'
import { scan } from './scan.ts'
import { sealedRecords, type SealedRecord } from './sealed-records.ts'
import { sealedTables } from './sealed-tables.ts'

/** Recomputes every record's hash from its row or its leaf, and every seal's root from these hashes. */
export async function verifyRecords(
  db: Database,
  { findings, onProgress }: { findings: Findings; onProgress: (records: number) => void },
): Promise<number> {
  const trees = new TreeCheck(findings)
  let records = 0
  for await (const batch of sealedRecords(db)) {
    for (const record of batch) {
      checkRecord(record, findings)
      trees.add(record)
    }
    records += batch.length
    onProgress(records)
  }
  trees.finish()
  for await (const seals of scan<{ seal: number }>(
    db,
    'select seal from audit_seal s where not exists (select from audit_leaf l where l.seal = s.seal)',
  )) {
    seals.forEach(({ seal }) => findings.add({ kind: 'seal', id: String(seal), why: 'none of its records is there' }))
  }
  return records
}

const kinds = new Set(sealedTables.map(({ kind }) => kind))

function checkRecord({ kind, id, seal, hash, computedHash, isMissing }: SealedRecord, findings: Findings): void {
  if (!kinds.has(kind)) findings.add({ kind, id, why: `a record of seal ${seal} names a table that is not sealed` })
  else if (isMissing) findings.add({ kind, id, why: `it was removed after seal ${seal}` })
  else if (hash !== computedHash) findings.add({ kind, id, why: `it was altered after seal ${seal}` })
}

/** The leaves of one seal after the other: their number, and the root they lead to. */
class TreeCheck {
  readonly #findings: Findings
  #first: SealedRecord | undefined
  #isInOrder = true
  #isAltered = false
  #hashes: Uint8Array[] = []

  constructor(findings: Findings) {
    this.#findings = findings
  }

  add(record: SealedRecord): void {
    if (record.seal !== this.#first?.seal) this.#begin(record)
    if (record.leaf !== this.#hashes.length) this.#isInOrder = false
    if (record.hash !== record.computedHash) this.#isAltered = true
    this.#hashes.push(Buffer.from(record.hash, 'hex'))
  }

  finish(): void {
    if (this.#first === undefined) return
    const why = this.#problem(this.#first)
    if (why !== null) this.#findings.add({ kind: 'seal', id: String(this.#first.seal), why })
  }

  #begin(record: SealedRecord): void {
    this.finish()
    this.#first = record
    this.#isInOrder = true
    this.#isAltered = false
    this.#hashes = []
  }

  #problem({ sealRecords, sealRoot }: SealedRecord): string | null {
    const found = this.#hashes.length
    if (sealRecords === null) return `there are ${found} records of it, and no such seal`
    if (!this.#isInOrder || found !== sealRecords) {
      return `it sealed ${sealRecords} records, ${found} are there: some were removed, added or moved`
    }
    if (Buffer.from(merkleRoot(this.#hashes)).toString('hex') === sealRoot) return null
    return this.#isAltered
      ? 'its leaves do not lead to its root: one of them was altered'
      : 'its leaves do not lead to its root, though every record fits its leaf: both were altered, or leaves were swapped'
  }
}
