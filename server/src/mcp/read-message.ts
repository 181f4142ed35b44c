import { readJson } from '../read-json.ts'

/** Largest message a caller may send, bytes. */
export const maxMessageBytes = 256 * 1024
/** Most messages that may come as one list, which protocols of before 2025-06-18 know: each is served at once. */
const maxBatch = 20

export type Message = { ok: true; message: unknown } | { ok: false; error: JsonRpcError }

export interface JsonRpcError {
  readonly jsonrpc: '2.0'
  readonly id: string | number | null
  readonly error: { readonly code: number; readonly message: string }
}

/** Parses one JSON-RPC message, or answers the error to send back. What we refuse here the SDK would drop without a word. */
export function readMessage(text: string): Message {
  const read = readJson(text)
  if (read.ok) return Array.isArray(read.value) ? readBatch(read.value) : { ok: true, message: read.value }
  const isJson = 'value' in read
  const problem = read.problem.replace(/^params\.(arguments\.)?/, '')
  return { ok: false, error: jsonRpcError({ id: idOf(read.value), code: isJson ? -32_602 : -32_700, message: problem }) }
}

function readBatch(messages: readonly unknown[]): Message {
  if (messages.length <= maxBatch) return { ok: true, message: messages }
  return {
    ok: false,
    error: jsonRpcError({ code: -32_600, message: `a list may have at most ${maxBatch} messages, has ${messages.length}` }),
  }
}

export function jsonRpcError({ id = null, code, message }: { id?: string | number | null; code: number; message: string }): JsonRpcError {
  return { jsonrpc: '2.0', id, error: { code, message } }
}

function idOf(message: unknown): string | number | null {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null
  return typeof message.id === 'string' || typeof message.id === 'number' ? message.id : null
}
