import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson, type JsonValue } from './canonical-json.ts'

/** SHA-256, in hex, of a body's canonical JSON. Two requests with one key must have one hash. */
export function bodyHash(body: JsonValue): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(body))))
}
