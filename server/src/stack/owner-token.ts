import { randomBytes } from 'node:crypto'
import { Secret } from '../secret.ts'
import type { DataDir } from './data-dir.ts'
import { readOrCreate } from './private-file.ts'

/** The owner's token (scope admin, 256 random bits), made at the first start and kept in the data directory with mode 600. */
export function ownerToken(dataDir: DataDir): Secret {
  return new Secret(readOrCreate(dataDir.ownerTokenFile, () => randomBytes(32).toString('base64url')))
}
