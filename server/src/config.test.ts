import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { envExample, loadConfig } from './config.ts'

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(loadConfig({ env: {} })).toMatchObject({ DATA_DIR: './data', TEMPORAL_PORT: 7233, POSTGRES_PORT: 5433, TRADING_MODE: 'paper' })
  })

  it('names every bad variable at once, with what was found', () => {
    const load = (): unknown => loadConfig({ env: { TEMPORAL_PORT: '99999', TRADING_MODE: 'casino', NUDGE_SECONDS: '-1' } })
    expect(load).toThrow(/3 bad variables/)
    expect(load).toThrow('TEMPORAL_PORT must be at most 65535, was "99999"')
    expect(load).toThrow('TRADING_MODE must be paper or live, was "casino"')
    expect(load).toThrow('NUDGE_SECONDS must be more than 0, was "-1"')
  })

  it('takes a place for Temporal, and nothing that is none', () => {
    for (const TEMPORAL_ADDRESS of ['localhost:7233', '[::1]:7233', 'a.b.tmprl.cloud:7233'])
      expect(loadConfig({ env: { TEMPORAL_ADDRESS } })).toMatchObject({ TEMPORAL_ADDRESS })
    for (const TEMPORAL_ADDRESS of ['localhost', 'http://localhost:7233', 'a b:1', 'x:port'])
      expect(() => loadConfig({ env: { TEMPORAL_ADDRESS } })).toThrow('TEMPORAL_ADDRESS must be host:port such as temporal.lan:7233, was ')
  })

  it('takes names for other machines, and nothing that is no name', () => {
    expect(loadConfig({ env: {} }).ALLOWED_HOSTS).toEqual([])
    expect(loadConfig({ env: { ALLOWED_HOSTS: 'Trader.lan, 192.168.1.5,[fe80::1],' } }).ALLOWED_HOSTS).toEqual([
      'trader.lan',
      '192.168.1.5',
      '[fe80::1]',
    ])
    for (const names of ['*', 'http://x', 'trader.lan:8080', 'a b'])
      expect(() => loadConfig({ env: { ALLOWED_HOSTS: names } })).toThrow('ALLOWED_HOSTS must be names such as trader.lan')
  })

  it('takes an empty variable as not set', () => {
    expect(loadConfig({ env: { OPENAI_API_KEY: '', MCP_PORT: '' } })).toMatchObject({ MCP_PORT: 8080 })
    expect(loadConfig({ env: { OPENAI_API_KEY: '' } }).OPENAI_API_KEY).toBeUndefined()
  })

  it('shows no secret, however it is printed', () => {
    const config = loadConfig({ env: { OPENAI_API_KEY: 'sk-canary', DATABASE_URL: 'postgres://me:canary@localhost/x' } })
    const printed = [String(config.OPENAI_API_KEY), JSON.stringify(config), inspect(config, { depth: 5, showHidden: true })].join('\n')
    expect(printed).not.toContain('canary')
    expect(config.OPENAI_API_KEY?.reveal()).toBe('sk-canary')
  })

  it('is what .env.example says', () => {
    expect(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')).toBe(envExample())
  })
})
