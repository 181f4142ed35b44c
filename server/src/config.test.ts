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
    expect(load).toThrow(/TEMPORAL_PORT: .*"99999"/)
    expect(load).toThrow(/TRADING_MODE: .*"casino"/)
    expect(load).toThrow(/NUDGE_SECONDS: .*"-1"/)
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
