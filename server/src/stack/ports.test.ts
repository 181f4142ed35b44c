import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config.ts'
import { portOwner, requireFreePorts, stackPorts } from './ports.ts'

describe('the ports of a stack', () => {
  it('follow a base in the order of the components', () => {
    expect(stackPorts(loadConfig({ env: {} }), 17_000)).toEqual({
      temporal: 17_000,
      temporalUi: 17_001,
      postgres: 17_002,
      mcp: 17_003,
      ops: 17_004,
    })
  })

  it('that are taken are refused with the process that has them', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    try {
      expect(portOwner(port)).toContain(`process ${process.pid} (`)
      await expect(requireFreePorts([{ name: 'Postgres', host: '127.0.0.1', port }])).rejects.toThrow(
        new RegExp(`port ${port} for Postgres is taken by process ${process.pid} [^]*--port-base`),
      )
    } finally {
      server.close()
    }
    await once(server, 'close')
    await expect(requireFreePorts([{ name: 'Postgres', host: '127.0.0.1', port }])).resolves.toBeUndefined()
  })

  it('of an address that is not of this machine are a wrong use', async () => {
    const wanted = [{ name: 'the MCP server (MCP_PORT)', host: '192.0.2.1', port: 24_999 }]
    await expect(requireFreePorts(wanted)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^cannot listen on 192\.0\.2\.1:24999: .*HOST must be an address of this machine$/),
    })
  })
})
