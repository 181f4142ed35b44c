import { describe, expect, it } from 'vitest'
import { closedPort, freePortBase } from '../support/free-ports.ts'
import { processesOf, temporaryDataDir, TraderProcess } from '../support/stack-process.ts'

describe('a start whose market gives nothing', () => {
  it('says so after ten seconds, with what its feed fails with, and stops as always', async () => {
    const dataDir = temporaryDataDir()
    const nobody = `127.0.0.1:${await closedPort()}`
    const stack = new TraderProcess(
      ['start', '--market', 'coinbase', '--no-chat', '--data-dir', dataDir, '--port-base', String(await freePortBase())],
      { COINBASE_BASE_URL: `http://${nobody}`, COINBASE_WS_URL: `ws://${nobody}` },
    )
    await stack.until('Ready in')
    await stack.until('no market data for 10 s', 40_000)
    expect(stack.said()).toMatch(/no market data for 10 s: \w+ fails and is tried again \(attempt \d+\): .*cannot/)
    expect(await stack.end()).toMatchObject({ exitCode: 0 })
    expect(processesOf(dataDir)).toEqual([])
  })
})
