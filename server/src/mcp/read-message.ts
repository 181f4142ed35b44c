/** Largest message a caller may send, bytes. */
export const maxMessageBytes = 256 * 1024

/** Keys that would reach an object's prototype where code copies carelessly. The SDK drops them; we refuse the message. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

export type Message = { ok: true; message: unknown } | { ok: false; error: JsonRpcError }

export interface JsonRpcError {
  readonly jsonrpc: '2.0'
  readonly id: string | number | null
  readonly error: { readonly code: number; readonly message: string }
}

/** Parses one JSON-RPC message, or answers the error to send back. */
export function readMessage(text: string): Message {
  let forbidden: string | undefined
  let message: unknown
  try {
    message = JSON.parse(text, (key, value: unknown) => {
      if (forbiddenKeys.has(key)) forbidden = key
      return value
    })
  } catch {
    return { ok: false, error: jsonRpcError({ code: -32_700, message: 'the message is not JSON' }) }
  }
  if (forbidden === undefined) return { ok: true, message }
  return {
    ok: false,
    error: jsonRpcError({ id: idOf(message), code: -32_602, message: `the key ${forbidden} is not allowed in a message` }),
  }
}

export function jsonRpcError({ id = null, code, message }: { id?: string | number | null; code: number; message: string }): JsonRpcError {
  return { jsonrpc: '2.0', id, error: { code, message } }
}

function idOf(message: unknown): string | number | null {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null
  return typeof message.id === 'string' || typeof message.id === 'number' ? message.id : null
}
