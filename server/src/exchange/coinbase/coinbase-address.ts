/** Coinbase's public addresses. Tests point them at loopback (COINBASE_BASE_URL, COINBASE_WS_URL). */
export const coinbaseRestUrl = 'https://api.coinbase.com'
export const coinbaseStreamUrl = 'wss://advanced-trade-ws.coinbase.com'

const loopbackHosts = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** An address that may be used: Coinbase's own hosts, encrypted, or this machine. Throws on any other. */
export function coinbaseAddress(text: string, kind: 'rest' | 'stream'): URL {
  const url = URL.parse(text)
  const [secure, plain] = kind === 'rest' ? ['https:', 'http:'] : ['wss:', 'ws:']
  if (url === null) throw new Error(`a Coinbase address must be a URL, was ${JSON.stringify(text)}`)
  if (url.username !== '' || url.password !== '')
    throw new Error(`a Coinbase address must hold no user or password, was one of ${url.host}`)
  if (loopbackHosts.has(url.hostname) && (url.protocol === plain || url.protocol === secure)) return url
  if (url.hostname.endsWith('.coinbase.com') && url.protocol === secure) return url
  throw new Error(`a Coinbase address must be ${secure}//... of coinbase.com or loopback, was ${url.protocol}//${url.host}`)
}
