import { createServer } from 'node:net'
import { takenPorts } from '../../server/src/stack/ports.ts'

const portsOfAStack = 6
const rangePerWorker = 600

/** The first of six free ports in a row, for --port-base. Each vitest worker looks in a range of its own, so parallel files do not meet. */
export async function freePortBase(): Promise<number> {
  const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % 40
  const first = 22_000 + worker * rangePerWorker
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = first + portsOfAStack * Math.floor(Math.random() * (rangePerWorker / portsOfAStack))
    const wanted = Array.from({ length: portsOfAStack }, (_, index) => ({ name: 'test', host: '127.0.0.1', port: base + index }))
    if ((await takenPorts(wanted)).length === 0) return base
  }
  throw new Error(`no six free ports in a row from ${first} to ${first + rangePerWorker}`)
}

/** A port on which nobody listens. */
export function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
