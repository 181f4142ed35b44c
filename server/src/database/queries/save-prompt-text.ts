import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

/** Keeps a prompt once, under its SHA-256 (checked by the database). */
export async function savePromptText(db: Database, { textHash, text }: { textHash: string; text: string }): Promise<void> {
  await db.query('insert into prompt_text (text_hash, text) values ($1, $2) on conflict do nothing', [textHash, text])
}

export async function findPromptText(db: Database, textHash: string): Promise<string | null> {
  return valueOrNull(db, 'select text as value from prompt_text where text_hash = $1', [textHash])
}
