import { sha1 } from '@noble/hashes/legacy.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** Namespace of every id this product computes. Changing it would let a retry make a second order. */
const namespace = '0cf91ee3-1f47-4279-aa8d-725f4ef7b9d5'

/** Id of the workflow of the order at place `leg` (from 0) of its origin. */
export function orderWorkflowId(origin: string, leg: number): string {
  return `order-${origin}-${leg}`
}

/** The client order id: computed from the order workflow's id, so that a retry makes the same one. */
export function orderId(origin: string, leg: number): string {
  return uuidV5({ namespace, name: orderWorkflowId(origin, leg) })
}

/** The id of one execution of an order. */
export function fillId({ orderId, tradeId }: { orderId: string; tradeId: string }): string {
  return uuidV5({ namespace, name: `fill-${orderId}-${tradeId}` })
}

/** UUID version 5 (RFC 9562, section 5.5): SHA-1 of namespace and name, with version and variant bits set. */
export function uuidV5({ namespace, name }: { namespace: string; name: string }): string {
  const bytes = sha1(concatBytes(hexToBytes(namespace.replaceAll('-', '')), utf8ToBytes(name))).slice(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
