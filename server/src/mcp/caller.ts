import type { IncomingMessage } from 'node:http'
import { answeredNames, isLoopbackName } from '../access/host-names.ts'
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

type Listening = Pick<Config, 'HOST' | 'ALLOWED_HOSTS' | 'MCP_PORT' | 'OPS_PORT'>

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

/** One of our names. Stops a page that rebinds its own name to 127.0.0.1. */
export function isAllowedHost({ host }: Pick<Caller, 'host'>, config: Listening): boolean {
  return answeredNames(config).includes(nameOf(host))
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}

/** No page at all, or one of ours. */
export function isAllowedOrigin({ origin }: Pick<Caller, 'origin'>, config: Listening): boolean {
  if (origin === null) return true
  const { MCP_PORT, OPS_PORT } = config
  return answeredNames(config).some((name) => [MCP_PORT, OPS_PORT].some((port) => origin === `http://${name}:${port}`))
}

/** Sent by this machine itself, to a name that only this machine means by it. */
export function isLocal({ address, isForwarded, host }: Pick<Caller, 'address' | 'isForwarded' | 'host'>): boolean {
  return !isForwarded && isLoopbackName(nameOf(host)) && (address === '::1' || /^(::ffff:)?127\./.test(address))
}
