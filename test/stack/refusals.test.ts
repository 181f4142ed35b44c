import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
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
      expect(readdirSync(dataDir)).toEqual([])
      const database = await trader(['db-up', '--data-dir', dataDir, '--port-base', String(portBase)])
      expect(database).toMatchObject({ exitCode: 4, stderr: expect.stringContaining(`is taken by process ${process.pid} (`) })
      expect(readdirSync(dataDir)).toEqual([])
    } finally {
      server.close()
    }
  })

  it('when the data directory cannot be written to', async () => {
    const file = join(temporaryDataDir(), 'a-file')
    writeFileSync(file, '')
    const outcome = await trader(['start', '--data-dir', join(file, 'data')])
    expect(outcome).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`cannot use the data directory ${file}/data: ${file} is not a directory`),
    })
    const where = '/proc/no-such-place'
    const unwritable = await trader(['start', '--data-dir', where, '--port-base', String(await freePortBase())])
    expect(unwritable).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`cannot write to the data directory ${where}: `) })
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

  it('when it would listen for other machines under no name', async () => {
    const dataDir = temporaryDataDir()
    const outcome = await trader(['start', '--data-dir', dataDir], { HOST: '0.0.0.0' })
    expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('set ALLOWED_HOSTS') })
    expect(readdirSync(dataDir)).toEqual([])
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
    ['that does not exist', null, 'there is no file /'],
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

describe('a market that would end before it begins', () => {
  it('is refused: exit code 2 and both times', async () => {
    const [dataDir, files] = [temporaryDataDir(), temporaryDataDir()]
    const file = join(files, 'BTC-USD_1m.csv')
    const rows = [0, 1, 2].map((minute) => `${1_522_800_000_000 + minute * 60_000},100,101,99,100,5`)
    writeFileSync(file, ['timestamp_ms,open,high,low,close,volume', ...rows].join('\n'))
    const message = '--until 2017-01-01T00:00:00Z is not after 2018-04-04T01:00:00Z'
    await expectRefusal({ dataDir, args: ['--replay-file', file, '--products', 'BTC-USD', '--until', '2017-01-01'], message })
  })
})

describe('a machine on which nothing was started yet', () => {
  it('is examined by the doctor, who writes nothing and says what a start will make', async () => {
    const dataDir = join(temporaryDataDir(), 'absent')
    const portBase = await freePortBase()
    const ports = { TEMPORAL_PORT: portBase, TEMPORAL_UI_PORT: portBase + 1, POSTGRES_PORT: portBase + 2, MCP_PORT: portBase + 3 }
    const env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]))
    const outcome = await trader(['doctor', '--json', '--data-dir', dataDir], env)
    const { ok, findings } = JSON.parse(outcome.stdout) as { ok: boolean; findings: { name: string; state: string }[] }
    expect({ ok, exitCode: outcome.exitCode }).toEqual({ ok: true, exitCode: 0 })
    expect(Object.fromEntries(findings.map(({ name, state }) => [name, state]))).toMatchObject({
      'data directory': 'pending',
      Postgres: 'pending',
      ports: 'ok',
      stack: 'ok',
    })
    expect(existsSync(dataDir)).toBe(false)
    const said = await trader(['doctor', '--data-dir', dataDir], env)
    expect(said.stdout).toContain(`+ is made by \`trader start --data-dir ${dataDir}\``)
    expect(existsSync(dataDir)).toBe(false)
  })
})

describe('an option with a bad value', () => {
  const bad: [string, string[]][] = [
    ['--port-base', ['db-up', '--port-base', 'abc']],
    ['--port-base', ['start', '--port-base', '1e4']],
    ['--limit', ['decision', 'list', '--limit', 'abc']],
    ['--limit', ['order', 'list', '--limit', '-1']],
    ['--run', ['wallet', 'list', '--run', 'a b']],
    ['--run', ['ledger', 'export', '--run', '../x']],
    ['--action', ['decision', 'list', '--action', 'SELL']],
    ['--lines', ['logs', '-n', 'abc']],
    ['fraction', ['wallet', 'set-tradeable-fraction', 'USD', '1e-1']],
    ['version', ['prompt', 'rollback', '1.5']],
    ['--scope', ['token', 'create', '--scope', 'all']],
    ['--expires', ['token', 'create', '--scope', 'read', '--expires', 'soon']],
    ['--expires', ['mcp', '--print-config', 'claude', '--expires', '-1d']],
    ['__proto__', ['tool', 'call', 'list_orders', '{"a":{"__proto__":1}}']],
    ['quantity', ['tool', 'call', 'place_mock_order', '{"orders":[{"quantity":1e309}]}']],
    ['the id', ['order', 'cancel', 'x y']],
    ['the id', ['decision', 'show', 'x y']],
  ]
  it.each(bad)('%s: %j ends with exit code 2, one line and nothing written', async (name, args) => {
    const dataDir = join(temporaryDataDir(), 'absent')
    const outcome = await trader([...args, '--data-dir', dataDir])
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(name) })
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(existsSync(dataDir)).toBe(false)
  })

  it('a data directory that is a file: the same of every command', async () => {
    const file = join(temporaryDataDir(), 'a-file')
    writeFileSync(file, 'mine')
    for (const command of [
      ['status'],
      ['stop'],
      ['doctor'],
      ['logs'],
      ['db-up'],
      ['halt'],
      ['wallet', 'list'],
      ['tool', 'list'],
      ['mcp', '--stdio'],
    ]) {
      const outcome = await trader([...command, '--data-dir', file])
      expect(outcome, command.join(' ')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${file} is not a directory`) })
    }
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })
})

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
