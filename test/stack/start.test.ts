import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { pingWorker } from '../../server/src/stack/ping-worker.ts'
import { freePortBase } from '../support/free-ports.ts'
import { addressesOf, processesOf, startStack, statusOf, temporaryDataDir, trader, TraderProcess } from '../support/stack-process.ts'

describe('a start', () => {
  it('brings everything up, keeps its data over a stop, and leaves no process behind', async () => {
    const dataDir = temporaryDataDir()
    const portBase = await freePortBase()
    const first = await startStack({ dataDir, portBase })

    const status = await statusOf(dataDir)
    expect(status).toMatchObject({ mode: 'paper', data_dir: dataDir })
    expect(status.components.map(({ name, state }) => [name, state])).toEqual(
      expect.arrayContaining([
        ['postgres', 'running'],
        ['temporal', 'running'],
        ['worker', 'running'],
      ]),
    )
    expect(status.components.find(({ name }) => name === 'temporal')?.version).toMatch(/^1\.\d+\.\d+/)
    await expect(pingWorker(addressesOf(dataDir))).resolves.toBeGreaterThan(0)
    expect(statSync(join(dataDir, 'owner-token')).mode & 0o777).toBe(0o600)
    const token = readFileSync(join(dataDir, 'owner-token'), 'utf8')
    await inDatabase(dataDir, `CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')`)

    const second = await trader(['start', '--data-dir', dataDir, '--port-base', String(portBase + 100)])
    expect(second).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`already running on ${dataDir} (process ${first.child.pid})`),
    })
    expect((await statusOf(dataDir)).components.every(({ restarts }) => restarts === 0)).toBe(true)

    const ended = await first.end('SIGINT')
    expect(ended.exitCode).toBe(0)
    expect(ended.seconds).toBeLessThan(10)
    expect(processesOf(dataDir)).toEqual([])

    const again = await startStack({ dataDir, portBase })
    expect(again.said()).toContain('migrations: up to date')
    expect(await inDatabase(dataDir, 'SELECT word FROM kept')).toEqual([{ word: 'still here' }])
    expect(readFileSync(join(dataDir, 'owner-token'), 'utf8')).toBe(token)
    await trader(['stop', '--data-dir', dataDir])
    expect(await again.outcome).toMatchObject({ exitCode: 0 })
    expect(processesOf(dataDir)).toEqual([])
  })

  it.each(['durable crypto agents', 'migrations'])('that is interrupted at %j stops cleanly', async (step) => {
    const dataDir = temporaryDataDir()
    const stack = new TraderProcess(['start', '--data-dir', dataDir, '--port-base', String(await freePortBase())])
    await stack.until(step)
    const ended = await stack.end('SIGTERM')
    expect(ended).toMatchObject({ exitCode: 0 })
    expect(processesOf(dataDir)).toEqual([])
  })

  it('ends at once and with 130 at a second Ctrl-C, when something does not stop', async () => {
    const dataDir = temporaryDataDir()
    const stack = await startStack({ dataDir, portBase: await freePortBase() })
    const worker = (await statusOf(dataDir)).components.find(({ name }) => name === 'worker')
    if (worker?.pid == null) throw new Error('the worker has no process')
    process.kill(worker.pid, 'SIGSTOP')
    stack.child.kill('SIGINT')
    await stack.until('stopping')
    const handedOn = 600 // within half a second it would count as the same Ctrl-C
    await new Promise((resolve) => setTimeout(resolve, handedOn))
    const ended = await stack.end('SIGINT')
    expect(ended.exitCode).toBe(130)
    expect(processesOf(dataDir)).toEqual([])
  })
})

async function inDatabase(dataDir: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: addressesOf(dataDir).databaseUrl.reveal() })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
