import type { IncomingMessage } from 'node:http'
import type { Config } from '../config.ts'

/** What a request says about where it comes from. */
export interface Caller {
  readonly path: string
  readonly host: string
  readonly origin: string | null
  readonly address: string
  /** True where a proxy passed the request on: its sender is not this machine. */
  readonly isForwarded: boolean
  readonly token: string | null
}

type Listening = Pick<Config, 'HOST' | 'MCP_PORT' | 'OPS_PORT'>

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']
const wildcards = new Set(['0.0.0.0', '::'])

export function caller(request: IncomingMessage): Caller {
  const { headers, socket, url = '/' } = request
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  return {
    path: url.split('?', 1)[0] ?? '/',
    host: headers.host ?? '',
    origin: headers.origin ?? null,
    address: socket.remoteAddress ?? '',
    isForwarded: headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined,
    // An Authorization header that is no bearer token is a wrong token, not an absent one.
    token: token ?? (headers.authorization === undefined ? null : ''),
  }
}

/** Names of this machine, or the one it was told to listen on. Stops a page that rebinds its own name to 127.0.0.1. */
export function isAllowedHost({ host }: Pick<Caller, 'host'>, { HOST }: Listening): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return loopbackNames.includes(name) || (name === HOST.toLowerCase() && !wildcards.has(name))
}

/** No page at all, or one of ours. */
export function isAllowedOrigin({ origin }: Pick<Caller, 'origin'>, { HOST, MCP_PORT, OPS_PORT }: Listening): boolean {
  if (origin === null) return true
  const names = wildcards.has(HOST) ? loopbackNames : [...loopbackNames, HOST]
  return names.some((name) => [MCP_PORT, OPS_PORT].some((port) => origin === `http://${name}:${port}`))
}

/** Sent by this machine itself. */
export function isLocal({ address, isForwarded }: Pick<Caller, 'address' | 'isForwarded'>): boolean {
  return !isForwarded && (address === '::1' || /^(::ffff:)?127\./.test(address))
}
