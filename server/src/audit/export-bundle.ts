import type { KeyObject } from 'node:crypto'
import { inclusionPath } from '@trader/core/audit/merkle-tree'
import type { Seal } from '@trader/core/audit/seal'
import type { Database } from '../database/pool.ts'
import { scan } from './scan.ts'
import { sealedRecords, type SealedRecord } from './sealed-records.ts'

// A bundle is JSON lines: a head, then each seal before its records, then an end. bin/verify-audit-bundle.mjs checks it without us.

interface BundleOptions {
  readonly publicKey: KeyObject
  readonly stackId: string
  readonly exportedAt: number
}

/** Every seal with all its records. Call it inside one `repeatable read` transaction; what is not sealed yet is not in it. */
export async function* auditBundle(db: Database, options: BundleOptions): AsyncGenerator<string> {
  yield head(options, 'whole')
  const seals = flatten(scan<Seal>(db, 'select * from audit_seal order by seal'))
  let [seal, sealCount, recordCount] = [await next(seals), 0, 0]
  for await (const records of sealedRecords(db)) {
    for (const record of records) {
      for (; seal !== null && seal.seal <= record.seal; seal = await next(seals)) {
        sealCount += 1
        yield line({ type: 'seal', ...seal })
      }
      yield recordLine(record)
    }
    recordCount += records.length
  }
  for (; seal !== null; seal = await next(seals)) {
    sealCount += 1
    yield line({ type: 'seal', ...seal })
  }
  yield line({ type: 'end', seals: sealCount, records: recordCount })
}

/** The records of one row alone, each with its seal and the path to its root: shows one fact without the rest. */
export async function* recordProof(db: Database, options: BundleOptions & { kind: string; id: string }): AsyncGenerator<string> {
  const { kind, id } = options
  const { rows } = await db.query<{ seal: number }>('select distinct seal from audit_leaf where kind = $1 and id = $2 order by seal', [
    kind,
    id,
  ])
  yield head(options, 'proof')
  let records = 0
  for (const { seal } of rows) {
    const leaves: SealedRecord[] = []
    for await (const batch of sealedRecords(db, { only: seal })) leaves.push(...batch)
    const hashes = leaves.map(({ hash }) => Buffer.from(hash, 'hex'))
    const { rows: seals } = await db.query<Seal>('select * from audit_seal where seal = $1', [seal])
    yield line({ type: 'seal', ...seals[0] })
    for (const record of leaves.filter((leaf) => leaf.kind === kind && leaf.id === id)) {
      const path = inclusionPath(hashes, record.leaf).map((hash) => Buffer.from(hash).toString('hex'))
      yield recordLine(record, { path })
      records += 1
    }
  }
  yield line({ type: 'end', seals: rows.length, records })
}

function head({ publicKey, stackId, exportedAt }: BundleOptions, content: 'whole' | 'proof'): string {
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  return line({ type: 'bundle', format: 1, content, stack_id: stackId, exported_at: exportedAt, public_key: key })
}

function recordLine({ seal, leaf, kind, id, content, hash }: SealedRecord, more: { path?: readonly string[] } = {}): string {
  return line({ type: 'record', seal, leaf, kind, id, hash, content, ...more })
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`

async function* flatten<Item>(batches: AsyncGenerator<readonly Item[]>): AsyncGenerator<Item> {
  for await (const batch of batches) yield* batch
}

async function next<Item>(items: AsyncGenerator<Item>): Promise<Item | null> {
  const { value, done } = await items.next()
  return done === true ? null : value
}
