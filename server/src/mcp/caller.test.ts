import { describe, expect, it } from 'vitest'
import { isAllowedHost, isAllowedOrigin, isLocal } from './caller.ts'

const loopback = { HOST: '127.0.0.1', ALLOWED_HOSTS: [], MCP_PORT: 8080, OPS_PORT: 8081 }
const everywhere = { ...loopback, HOST: '0.0.0.0', ALLOWED_HOSTS: ['trader.lan', '192.168.1.5'] }
const named = { ...loopback, HOST: 'trader.lan' }

describe('the Host of a request', () => {
  it.each([
    ['localhost:8080', loopback, true],
    ['127.0.0.1', loopback, true],
    ['[::1]:8080', loopback, true],
    ['evil.example', loopback, false],
    ['localhost.evil.example', loopback, false],
    ['', loopback, false],
    ['0.0.0.0:8080', everywhere, false],
    ['trader.lan:8080', everywhere, true],
    ['192.168.1.5', everywhere, true],
    ['evil.example', everywhere, false],
    ['localhost', everywhere, true],
    ['trader.lan:8080', named, true],
    ['trader.lan', loopback, false],
  ])('%j with %j', (host, config, allowed) => {
    expect(isAllowedHost({ host }, config)).toBe(allowed)
  })
})

describe('the Origin of a request', () => {
  it.each([
    [null, true],
    ['http://localhost:8081', true],
    ['http://127.0.0.1:8080', true],
    ['http://localhost:3000', false],
    ['https://localhost:8081', false],
    ['http://localhost:8081.evil.example', false],
    ['null', false],
    ['', false],
  ])('%j', (origin, allowed) => {
    expect(isAllowedOrigin({ origin }, loopback)).toBe(allowed)
  })
})

describe('a page of another machine', () => {
  it.each([
    ['http://trader.lan:8081', true],
    ['http://192.168.1.5:8080', true],
    ['http://evil.example:8081', false],
    ['http://0.0.0.0:8081', false],
  ])('%j', (origin, allowed) => {
    expect(isAllowedOrigin({ origin }, everywhere)).toBe(allowed)
  })
})

describe('a request of this machine', () => {
  it.each([
    ['127.0.0.1', false, true],
    ['127.8.8.8', false, true],
    ['::1', false, true],
    ['::ffff:127.0.0.1', false, true],
    ['127.0.0.1', true, false],
    ['192.168.1.5', false, false],
    ['::ffff:10.0.0.1', false, false],
    ['', false, false],
  ])('from %j, forwarded %j: %j', (address, isForwarded, local) => {
    expect(isLocal({ address, isForwarded, host: 'localhost:8080' })).toBe(local)
  })

  it('is none where it calls us by a name that other machines use', () => {
    expect(isLocal({ address: '127.0.0.1', isForwarded: false, host: 'trader.lan' })).toBe(false)
  })
})
