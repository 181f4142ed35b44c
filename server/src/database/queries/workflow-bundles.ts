import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Database } from '../pool.ts'

/** Stores the code of a bundle once, by its hash, which it answers: SHA-256 of the text, as Temporal's SDK names it in every task. */
export async function keepBundle(db: Database, code: string): Promise<string> {
  const hash = hashOf(code)
  const { rows } = await db.query('select from workflow_bundle where bundle_hash = $1', [hash])
  if (rows.length === 0) {
    await db.query('insert into workflow_bundle (bundle_hash, code) values ($1, $2) on conflict do nothing', [hash, gzipSync(code)])
  }
  return hash
}

/** A bundle's code, or why there is none that can be trusted. */
export type FoundBundle = { readonly ok: true; readonly code: string } | { readonly ok: false; readonly problem: string }

export async function findBundle(db: Database, hash: string): Promise<FoundBundle> {
  const { rows } = await db.query<{ code: Buffer }>('select code from workflow_bundle where bundle_hash = $1', [hash])
  const [row] = rows
  if (row === undefined) return { ok: false, problem: 'it is not in the archive' }
  const code = unzipped(row.code)
  if (code === null) return { ok: false, problem: 'its code cannot be unpacked' }
  const found = hashOf(code)
  return found === hash ? { ok: true, code } : { ok: false, problem: `its code has the hash ${found}` }
}

function unzipped(bytes: Buffer): string | null {
  try {
    return gunzipSync(bytes).toString('utf8')
  } catch {
    return null // whoever altered it made no archive of it
  }
}

const hashOf = (code: string): string => createHash('sha256').update(code).digest('hex')
