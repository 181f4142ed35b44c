import { existsSync, readFileSync, rmSync } from 'node:fs'
import { writePrivateFile } from '../stack/private-file.ts'

// Its owner's word that a database or a seal log was put back. It lies in the data directory: who only has the database cannot give it.

export function writeRestoreNote(path: string, why: string): void {
  writePrivateFile(path, `${why}\n`)
}

export function readRestoreNote(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null
}

export function removeRestoreNote(path: string): void {
  rmSync(path, { force: true })
}
