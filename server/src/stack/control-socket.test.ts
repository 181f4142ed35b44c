import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { askSupervisor, controlSocketPath, serveControl } from './control-socket.ts'
import { openDataDir } from './data-dir.ts'

const root = mkdtempSync(join(tmpdir(), 'trader-control-'))
afterAll(() => rmSync(root, { recursive: true }))

describe('the control socket', () => {
  it('is open to its user alone and answers what it is asked', async () => {
    const dataDir = openDataDir(join(root, 'a'))
    const server = await serveControl(dataDir, (request) => Promise.resolve({ asked: request.command }))
    try {
      expect(statSync(controlSocketPath(dataDir)).mode & 0o777).toBe(0o600)
      await expect(askSupervisor(dataDir, { command: 'status' })).resolves.toEqual({ asked: 'status' })
    } finally {
      server.close()
    }
  })

  it('answers a failure with its reason', async () => {
    const dataDir = openDataDir(join(root, 'b'))
    const server = await serveControl(dataDir, () => Promise.reject(new Error('no such component')))
    try {
      await expect(askSupervisor(dataDir, { command: 'logs', component: 'x', lines: 1 })).rejects.toThrow('no such component')
    } finally {
      server.close()
    }
  })

  it('has a short name where the data directory is too deep for one, and another for each', () => {
    const deep = (name: string): string => controlSocketPath(openDataDir(join(root, name.repeat(60), name.repeat(60))))
    expect(deep('c').length).toBeLessThan(100)
    expect(deep('c')).not.toBe(deep('d'))
  })

  it('says that no stack runs where nobody listens', async () => {
    await expect(askSupervisor(openDataDir(join(root, 'e')), { command: 'status' })).rejects.toMatchObject({ exitCode: 4 })
  })
})
