import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** Columns of a row that are not null, each as the text that Postgres gives it in `jsonb_each_text(to_jsonb(row))`. */
export type RecordFields = Readonly<Record<string, string>>

/** What happened to a row: it was there when sealing began, was added, changed, or removed. */
export type RecordOp = 'genesis' | 'insert' | 'update' | 'delete'

/** One fact as it is sealed. */
export interface AuditRecord {
  /** The table's name. */
  readonly kind: string
  /** The row's primary key; its parts joined by `/`. */
  readonly id: string
  readonly op: RecordOp
  readonly fields: RecordFields
}

/** First byte of every record. A change of the encoding takes the next number, so that old seals stay verifiable. */
export const recordFormat = 1

/**
 * A record as bytes: the format byte, then kind, id and op, then the number of fields (4 bytes, big-endian), then name and value of
 * each field in ascending order of the names' code units. Every text is its length in bytes (4 bytes, big-endian) and its UTF-8.
 * Null and absent are the same, so that a new nullable column leaves the hashes of old rows as they are.
 */
export function canonicalRecord({ kind, id, op, fields }: AuditRecord): Uint8Array {
  const names = Object.keys(fields).sort()
  const texts = [kind, id, op].map(sizedText)
  const pairs = names.flatMap((name) => [sizedText(name), sizedText(fields[name] ?? '')])
  return concatBytes(Uint8Array.of(recordFormat), ...texts, uint32(names.length), ...pairs)
}

function sizedText(text: string): Uint8Array {
  const bytes = utf8ToBytes(text)
  return concatBytes(uint32(bytes.length), bytes)
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
