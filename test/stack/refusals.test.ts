import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { closedPort, freePortBase } from '../support/free-ports.ts'
import { processesOf, temporaryDataDir, trader } from '../support/stack-process.ts'

describe('a start is refused, with the reason and its exit code, and starts nothing', () => {
  it('when a port is taken: it names who has it', async () => {
    const dataDir = temporaryDataDir()
    const portBase = await freePortBase()
    const server = createServer().listen(portBase + 2, '127.0.0.1')
    await once(server, 'listening')
    try {
      const outcome = await trader(['start', '--data-dir', dataDir, '--port-base', String(portBase)])
      expect(outcome.exitCode).toBe(4)
      expect(outcome.stderr).toContain(`port ${portBase + 2} for Postgres (POSTGRES_PORT) is taken by process ${process.pid} (`)
      expect(outcome.stderr).toContain('--port-base')
      expect(readdirSync(dataDir)).not.toContain('postgres')
    } finally {
      server.close()
    }
  })

  it('when the data directory cannot be written to', async () => {
    const file = join(temporaryDataDir(), 'a-file')
    writeFileSync(file, '')
    const outcome = await trader(['start', '--data-dir', join(file, 'data')])
    expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`cannot write to the data directory ${file}/data`) })
  })

  it('when the database of DATABASE_URL cannot be reached: it names the address and the cause, not the password', async () => {
    const dataDir = temporaryDataDir()
    const port = await closedPort()
    const outcome = await trader(['start', '--data-dir', dataDir, '--port-base', String(await freePortBase())], {
      DATABASE_URL: `postgres://me:canary@127.0.0.1:${port}/x`,
    })
    expect(outcome.exitCode).toBe(4)
    expect(outcome.stderr).toContain(`cannot reach the database at 127.0.0.1:${port}/x: connect ECONNREFUSED`)
    expect(outcome.stderr).not.toContain('canary')
    expect(existsSync(join(dataDir, 'temporal.db'))).toBe(false)
    expect(processesOf(dataDir)).toEqual([])
  })

  it('when Temporal at TEMPORAL_ADDRESS cannot be reached', async () => {
    const dataDir = temporaryDataDir()
    const port = await closedPort()
    const outcome = await trader(['start', '--data-dir', dataDir, '--port-base', String(await freePortBase())], {
      TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    })
    expect(outcome).toMatchObject({ exitCode: 4, stderr: expect.stringContaining(`cannot reach Temporal at 127.0.0.1:${port}`) })
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false)
  })

  it('when live trading is asked for, which this version has no safe way to do', async () => {
    const outcome = await trader(['start', '--data-dir', temporaryDataDir()], { TRADING_MODE: 'live' })
    expect(outcome).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('TRADING_MODE=live is refused') })
  })

  it('when the environment or the flags are wrong', async () => {
    const badEnvironment = await trader(['start', '--data-dir', temporaryDataDir()], { MCP_PORT: 'x', NUDGE_SECONDS: '0' })
    expect(badEnvironment).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/MCP_PORT[^]*NUDGE_SECONDS/) })
    expect(await trader(['start', '--run-for', '5s', '--speed', 'max'])).toMatchObject({ exitCode: 2 })
    expect(await trader(['start', '--nonsense'])).toMatchObject({ exitCode: 2 })
    expect(await trader(['nonsense'])).toMatchObject({ exitCode: 2 })
  })
})

describe('a start with bad replay files is refused before anything runs', () => {
  const header = 'timestamp_ms,open,high,low,close,volume'
  const rows = [0, 1, 2].map((minute) => `${1_522_800_000_000 + minute * 60_000},100,101,99,100,5`)
  const [first = '', second = '', third = ''] = rows
  it.each([
    ['that does not exist', null, 'ENOENT'],
    ['without a header', rows, 'file BTC-USD_1m.csv line 1: header must be timestamp_ms,open,high,low,close,volume'],
    ['without rows', [header], 'file BTC-USD_1m.csv has no rows'],
    [
      'with a word for a number',
      [header, first, second.replace(',5', ',many')],
      'file BTC-USD_1m.csv line 3: volume must be a decimal number',
    ],
    ['with too few columns', [header, first, '1522800060000,100'], 'line 3: expected 6 columns, found 2'],
    ['with a low above its high', [header, first, '1522800060000,100,90,99,100,5'], 'line 3: high 90 is below low 99'],
    ['that is not sorted', [header, first, third, second], 'line 4: timestamp_ms 1522800060000 is not after 1522800120000'],
    ['with a row twice', [header, first, second, second], 'line 4: timestamp_ms 1522800060000 appears twice'],
  ])('a file %s: exit code 2 and the line', async (_, lines, message) => {
    const [dataDir, files] = [temporaryDataDir(), temporaryDataDir()]
    const file = join(files, 'BTC-USD_1m.csv')
    if (lines !== null) writeFileSync(file, lines.join('\n'))
    await expectRefusal({ dataDir, args: ['--replay-file', file, '--products', 'BTC-USD'], message })
  })

  it('products that nobody knows, or that no file has: exit code 2 and the product', async () => {
    const [dataDir, files] = [temporaryDataDir(), temporaryDataDir()]
    const [known, unknown] = [join(files, 'BTC-USD_1m.csv'), join(files, 'FOO-USD_1m.csv')]
    for (const file of [known, unknown]) writeFileSync(file, [header, ...rows].join('\n'))
    await expectRefusal({ dataDir, args: ['--products', 'FOO-USD'], message: 'FOO-USD' })
    await expectRefusal({ dataDir, args: ['--replay-file', known, '--products', 'BTC-USD,ETH-USD'], message: 'no candle file for ETH-USD' })
    await expectRefusal({ dataDir, args: ['--replay-file', known, '--replay-file', unknown, '--products', 'BTC-USD'], message: 'FOO-USD' })
    await expectRefusal({ dataDir, args: ['--replay-file', known, '--products', 'nonsense'], message: '--products' })
  })
})

async function expectRefusal({ dataDir, args, message }: { dataDir: string; args: readonly string[]; message: string }): Promise<void> {
  const outcome = await trader(['start', '--data-dir', dataDir, '--port-base', String(await freePortBase()), '--no-chat', ...args])
  expect(outcome).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) })
  expect(outcome.stderr).not.toContain('    at ')
  expect(readdirSync(dataDir)).toEqual([])
  expect(processesOf(dataDir)).toEqual([])
}

describe('a command about a stack that does not run', () => {
  it.each([['status'], ['stop'], ['logs']])('%s says so and exits 4', async (command) => {
    const outcome = await trader([command, '--data-dir', join(temporaryDataDir(), 'absent')])
    expect(outcome).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('trader start') })
  })

  it('tells a program the same as JSON', async () => {
    const outcome = await trader(['status', '--json', '--data-dir', join(temporaryDataDir(), 'absent')])
    expect(JSON.parse(outcome.stdout)).toMatchObject({ exit_code: 4, error: expect.stringContaining('no stack is running') })
  })
})
