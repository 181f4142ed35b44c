import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { z } from 'zod'

const hash = z.string().regex(/^[0-9a-f]{64}$/)

/** What is signed: one batch of records, bound to all that was sealed before. */
export const sealBody = z.strictObject({
  /** From 1, without gaps. */
  seal: z.int().positive(),
  /** Wall time, ms. */
  sealed_at: z.int(),
  /** How long its oldest record had waited, ms. */
  lag_ms: z.int(),
  records: z.int().positive(),
  /** Of the tree over the records' leaf hashes. */
  root: hash,
  /** Hash of the seal before; zeros before the first. */
  previous: hash,
  /** SHA-256 of the raw public key. */
  key_id: hash,
  /** Not null in the first seal after its owner went on with a database or a seal log that had been put back: the last seal each had. */
  database_ended_at: z.int().min(0).nullable(),
  log_ended_at: z.int().min(0).nullable(),
})
export type SealBody = z.infer<typeof sealBody>

/** A line of the seal log, a row of `audit_seal`. The signature is Ed25519 over `sealMessage`, in base64. */
export const seal = sealBody.extend({ hash, signature: z.base64() })
export type Seal = z.infer<typeof seal>

export const beforeFirstSeal = '0'.repeat(64)

/** First byte of what is signed: neither a leaf's (0) nor a node's (1). */
const sealMark = Uint8Array.of(2)

/** The bytes that are hashed and signed: 2, then the body as JSON, its fields in the order above, without blanks. */
export function sealMessage(body: SealBody): Uint8Array {
  const names = sealBody.keyof().options
  const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, body[name]])))
  return concatBytes(sealMark, utf8ToBytes(text))
}

export const sealHash = (body: SealBody): string => bytesToHex(sha256(sealMessage(body)))
