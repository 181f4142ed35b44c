import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { waitUntil } from '../../server/src/stack/wait.ts'
import { connectTemporal } from '../../server/src/temporal-connection.ts'
import { freePortBase } from '../support/free-ports.ts'
import { addressesOf, startStack, statusOf, temporaryDataDir, trader } from '../support/stack-process.ts'

describe('servers of the user', () => {
  it('are used and never started; those that another stack has are refused', async () => {
    const [owner, guest] = [temporaryDataDir(), temporaryDataDir()]
    await startStack({ dataDir: owner, portBase: await freePortBase() })
    const { temporal, databaseUrl } = addressesOf(owner)
    const portBase = await freePortBase()
    const flags = ['start', '--data-dir', guest, '--port-base', String(portBase)]

    const sameDatabase = await trader(flags, { DATABASE_URL: databaseUrl.reveal() })
    expect(sameDatabase).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('belongs to stack') })
    const sameNamespace = await trader(flags, { TEMPORAL_ADDRESS: temporal.address })
    expect(sameNamespace).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('namespace default belongs to stack') })

    const env = {
      DATABASE_URL: await newDatabase({ dataDir: owner, url: databaseUrl.reveal() }),
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: 'guest',
    }
    await newNamespace(owner, 'guest')
    const stack = await startStack({ dataDir: guest, portBase, env })
    expect((await statusOf(guest)).components.map(({ name, state }) => [name, state])).toEqual(
      expect.arrayContaining([
        ['postgres', 'external'],
        ['temporal', 'external'],
        ['worker', 'running'],
      ]),
    )
    expect((await stack.end()).exitCode).toBe(0)
    expect((await statusOf(owner)).components.every(({ state }) => state === 'running')).toBe(true)
  })
})

/** Made by the superuser, as the user's own would be, for the role of the address. */
async function newDatabase({ dataDir, url }: { dataDir: string; url: string }): Promise<string> {
  const { username, port } = new URL(url)
  const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8').trim()
  const client = new pg.Client({ connectionString: `postgres://trader:${password}@127.0.0.1:${port}/postgres` })
  await client.connect()
  await client.query(`CREATE DATABASE guest OWNER ${username}`)
  await client.end()
  return url.replace(/[^/]*$/, 'guest')
}

async function newNamespace(dataDir: string, namespace: string): Promise<void> {
  const connection = await connectTemporal(addressesOf(dataDir).temporal)
  const week = { seconds: 604_800 }
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: week as never }) // the client takes a plain number here as well as a Long
  const isKnown = async (): Promise<boolean> => {
    try {
      await connection.workflowService.describeNamespace({ namespace })
      return true
    } catch {
      // The server tells its parts of a new namespace one after another.
      return false
    }
  }
  await waitUntil(isKnown, { timeoutMs: 20_000 })
  await connection.close()
}
