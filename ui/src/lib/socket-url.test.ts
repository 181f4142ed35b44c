import { describe, expect, it } from 'vitest'
import { socketUrl, type SocketAddressSources } from './socket-url.ts'

const page: SocketAddressSources = {
  socketUrl: undefined,
  apiUrl: undefined,
  isDevelopment: false,
  location: { protocol: 'http:', hostname: 'localhost', host: 'localhost:8081' },
}

describe('socketUrl', () => {
  it('takes VITE_WS_URL before everything else', () => {
    expect(socketUrl('/ws/live', { ...page, socketUrl: 'wss://desk.example/', apiUrl: 'http://api' })).toBe('wss://desk.example/ws/live')
  })
  it('turns VITE_API_URL from http into ws and from https into wss', () => {
    expect(socketUrl('/ws/live', { ...page, apiUrl: 'http://localhost:8081' })).toBe('ws://localhost:8081/ws/live')
    expect(socketUrl('/ws/live', { ...page, apiUrl: 'https://api.internal:8081' })).toBe('wss://api.internal:8081/ws/live')
  })
  it('falls back to the address of the page', () => {
    expect(socketUrl('/ws/market', page)).toBe('ws://localhost:8081/ws/market')
  })
  it('goes to the Ops API port where Vite serves the page', () => {
    const location = { protocol: 'http:', hostname: 'localhost', host: 'localhost:3000' }
    expect(socketUrl('/ws/market', { ...page, isDevelopment: true, location })).toBe('ws://localhost:8081/ws/market')
  })
})
