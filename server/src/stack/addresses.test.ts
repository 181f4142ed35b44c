import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { loadConfig } from '../config.ts'
import { findAddresses } from './addresses.ts'

/** A data directory on which a stack of its own servers ran. */
function usedDataDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'trader-addresses-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const stack = {
    supervisor_pid: 1,
    stack_id: 'x',
    started_at: 0,
    temporal_address: '127.0.0.1:7233',
    temporal_namespace: 'default',
    task_queue: 'of-the-stack',
    ports: { postgres: 5433 },
    children: [],
  }
  writeFileSync(join(directory, 'stack.json'), JSON.stringify(stack))
  writeFileSync(join(directory, 'postgres-password'), 'secret')
  return directory
}

describe('where the two servers are', () => {
  it('is what the stack of the data directory wrote down', () => {
    const { temporal, databaseUrl, taskQueue } = findAddresses(loadConfig({ env: { DATA_DIR: usedDataDir() } }))
    expect([temporal.address, taskQueue]).toEqual(['127.0.0.1:7233', 'of-the-stack'])
    expect(databaseUrl.reveal()).toMatch(/^postgres:\/\/trader_app:[\w-]{43}@127\.0\.0\.1:5433\/trader$/)
  })

  it('is what the environment names, all of it, whatever was written down', () => {
    const env = {
      DATA_DIR: usedDataDir(),
      TEMPORAL_ADDRESS: 'temporal.lan:7233',
      TEMPORAL_NAMESPACE: 'mine',
      DATABASE_URL: 'postgres://me@database.lan/mine',
      TASK_QUEUE: 'mine',
    }
    vi.stubEnv('TEMPORAL_ADDRESS', env.TEMPORAL_ADDRESS)
    vi.stubEnv('TEMPORAL_NAMESPACE', env.TEMPORAL_NAMESPACE)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { temporal, databaseUrl, taskQueue } = findAddresses(loadConfig({ env }))
    expect([temporal.address, temporal.namespace, taskQueue]).toEqual(['temporal.lan:7233', 'mine', 'mine'])
    expect(databaseUrl.reveal()).toBe(env.DATABASE_URL)
  })
})
