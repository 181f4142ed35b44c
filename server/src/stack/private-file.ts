import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Replaces a file in one step, readable by its owner alone: a reader sees the old text or the new, never half of it. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  renameSync(draft, path)
}

/** The text of a file; made and kept the first time it is asked for. */
export function readOrCreate(path: string, make: () => string): string {
  if (!existsSync(path)) writePrivateFile(path, `${make()}\n`)
  return readFileSync(path, 'utf8').trim()
}
