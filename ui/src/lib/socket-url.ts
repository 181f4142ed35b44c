export interface SocketAddressSources {
  /** VITE_WS_URL: used as it is. */
  readonly socketUrl: string | undefined
  /** VITE_API_URL: http becomes ws, https becomes wss. */
  readonly apiUrl: string | undefined
  readonly isDevelopment: boolean
  readonly location: { readonly protocol: string; readonly hostname: string; readonly host: string }
}

/** Port of the Ops API, used where Vite serves the page from a port of its own. */
const opsPort = 8081

/** Where a WebSocket path such as `/ws/live` is found: VITE_WS_URL, then VITE_API_URL, then the page's own address. */
export function socketUrl(path: string, sources: SocketAddressSources): string {
  return `${base(sources).replace(/\/+$/, '')}${path}`
}

function base({ socketUrl, apiUrl, isDevelopment, location }: SocketAddressSources): string {
  if (socketUrl) return socketUrl
  if (apiUrl) return apiUrl.replace(/^http/, 'ws')
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${isDevelopment ? `${location.hostname}:${opsPort}` : location.host}`
}
