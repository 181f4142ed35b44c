import { randomBytes } from 'node:crypto'
import type { DataDir } from './data-dir.ts'
import { readOrCreate } from './private-file.ts'

/** The name of this data directory's stack: 16 hexadecimal digits, drawn once. Servers are marked with it. */
export function stackId(dataDir: DataDir): string {
  return readOrCreate(dataDir.stackIdFile, () => randomBytes(8).toString('hex'))
}
