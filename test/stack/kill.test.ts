import { randomUUID } from 'node:crypto'
import { Client } from '@temporalio/client'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { pingWorker } from '../../server/src/stack/ping-worker.ts'
import { waitUntil } from '../../server/src/stack/wait.ts'
import { connectTemporal } from '../../server/src/temporal-connection.ts'
import { freePortBase } from '../support/free-ports.ts'
import { addressesOf, componentOf, processesOf, startStack, statusOf, temporaryDataDir, trader } from '../support/stack-process.ts'

describe('two stacks side by side', () => {
  it('do not know of each other: what is killed in one is noticed and back with its data, and the other never notices', async () => {
    const [mine, other] = [temporaryDataDir(), temporaryDataDir()]
    const stack = await startStack({ dataDir: mine, portBase: await freePortBase() })
    await startStack({ dataDir: other, portBase: await freePortBase() })
    const workflowId = await runPing(mine)
    await query(mine, `CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')`)

    for (const [name, title] of [
      ['worker', 'worker'],
      ['temporal', 'Temporal'],
      ['postgres', 'Postgres'],
    ] as const) {
      const { pid } = await componentOf(mine, name)
      if (pid === null) throw new Error(`${name} has no process`)
      process.kill(pid, 'SIGKILL')
      await stack.until(`${title} is back`)
      const after = await componentOf(mine, name)
      expect(after).toMatchObject({ state: 'running', restarts: 1, last_error: 'ended unexpectedly (SIGKILL)' })
      expect(after.pid).not.toBe(pid)
    }

    expect(await query(mine, 'SELECT word FROM kept')).toEqual([{ word: 'still here' }])
    expect(await describePing(mine, workflowId)).toBe('COMPLETED')
    expect(await waitUntil(() => answersPing(mine), { timeoutMs: 30_000 })).toBe(true)
    expect((await statusOf(other)).components.every(({ restarts, state }) => restarts === 0 && state === 'running')).toBe(true)
  })

  it('a killed supervisor is survived: the next start ends what is left over and goes on with the same data', async () => {
    const dataDir = temporaryDataDir()
    const portBase = await freePortBase()
    const stack = await startStack({ dataDir, portBase })
    const workflowId = await runPing(dataDir)
    await stack.end('SIGKILL')

    const again = await startStack({ dataDir, portBase })
    expect(again.said()).toContain('ended what an earlier supervisor left running: postgres, temporal')
    expect(await describePing(dataDir, workflowId)).toBe('COMPLETED')
    expect((await again.end()).exitCode).toBe(0)
    expect(processesOf(dataDir)).toEqual([])
  })

  it('the database alone runs in the background, and a start takes it over', async () => {
    const dataDir = temporaryDataDir()
    const portBase = await freePortBase()
    const up = await trader(['db-up', '--data-dir', dataDir, '--port-base', String(portBase)])
    expect(up).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`port ${portBase + 2}`) })
    expect((await statusOf(dataDir)).components.map(({ name }) => name)).toEqual(['postgres'])
    await query(dataDir, `CREATE TABLE kept (word text)`)

    await startStack({ dataDir, portBase })
    expect(await query(dataDir, 'SELECT word FROM kept')).toEqual([])
  })
})

async function query(dataDir: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: addressesOf(dataDir).databaseUrl.reveal() })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function withTemporal<Result>(dataDir: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const { temporal } = addressesOf(dataDir)
  const connection = await connectTemporal(temporal)
  try {
    return await work(new Client({ connection, namespace: temporal.namespace }))
  } finally {
    await connection.close()
  }
}

async function runPing(dataDir: string): Promise<string> {
  const workflowId = `ping-${randomUUID()}`
  await withTemporal(dataDir, (client) =>
    client.workflow.execute('PingWorkflow', { taskQueue: addressesOf(dataDir).taskQueue, workflowId }),
  )
  return workflowId
}

async function describePing(dataDir: string, workflowId: string): Promise<string> {
  const { status } = await withTemporal(dataDir, (client) => client.workflow.getHandle(workflowId).describe())
  return status.name
}

async function answersPing(dataDir: string): Promise<boolean> {
  try {
    await pingWorker(addressesOf(dataDir))
    return true
  } catch {
    // Not yet; the caller asks again.
    return false
  }
}
