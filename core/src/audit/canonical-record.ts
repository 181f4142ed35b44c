import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** One fact as it is sealed. */
export interface AuditRecord {
  /** The table's name. */
  readonly kind: string
  /** The row's primary key; its parts joined by `/`. */
  readonly id: string
  /** The row as Postgres prints it as `jsonb`, columns that are null left out; empty where the row is gone. */
  readonly content: string
}

/** First byte of every record. A change of the encoding takes the next number, so that old seals stay verifiable. */
const recordFormat = 1

/**
 * A record as bytes: the format byte, then kind, id and content, each as its length in bytes (4 bytes, big-endian) and its UTF-8. Null
 * and absent are the same, so that a new nullable column leaves the hashes of old rows as they are.
 */
export function canonicalRecord({ kind, id, content }: AuditRecord): Uint8Array {
  return concatBytes(Uint8Array.of(recordFormat), sizedText(kind), sizedText(id), sizedText(content))
}

function sizedText(text: string): Uint8Array {
  const bytes = utf8ToBytes(text)
  return concatBytes(uint32(bytes.length), bytes)
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
