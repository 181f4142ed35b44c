import { Replayer } from '@trader/server/audit/replay/replayer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changed, fixture, jobHistory, queueOf } from '../replay/replay-content.ts'
import { bundleCode } from './archived-session.ts'

// The code that is replayed comes from a database. It runs in a sandbox, but a sandbox has holes: the process around it has none.

const replayer = new Replayer()
afterAll(() => replayer.close())

let code: string
beforeAll(async () => {
  code = await bundleCode()
})

const [ping] = fixture('PingWorkflow')
if (ping === undefined) throw new Error('no ping is recorded')
const job = { namespace: 'default', taskQueue: queueOf(ping), histories: [jobHistory(ping)] }

/** What the replay of a ping says whose code does something else first. Node's own objects are reached through the sandbox's console. */
async function saidBy(statement: string): Promise<unknown> {
  const escape = "const node = console.log.constructor('return process')(); const get = (name) => node.getBuiltinModule(name);"
  const text = changed(code, /return Promise\.resolve\('pong'\)/, `${escape} ${statement}; return Promise.resolve('pong')`)
  const [difference] = await replayer.replay({ ...job, code: text })
  return difference?.replayed
}

describe('a process that replays', () => {
  it('replays what was recorded', async () => {
    expect(await replayer.replay({ ...job, code })).toEqual([null])
  })

  it('would let code out of the sandbox', async () => {
    expect(await saidBy('throw new TypeError(get("os").EOL === "\\n" ? "outside" : "inside")')).toBe('outside')
  })

  it.each([
    ['a connection', 'get("net").connect(80, "127.0.0.1")'],
    ['a connection with TLS', 'get("tls").connect(443, "127.0.0.1")'],
    ['a request', 'get("http").get("http://127.0.0.1")'],
    ['a server', 'get("net").createServer().listen(0)'],
    ['a datagram', 'get("dgram").createSocket("udp4").send("x", 9, "127.0.0.1")'],
    ['a name', 'get("dns").lookup("localhost", () => {})'],
    ['a name from a server of its choice', 'new (get("dns").Resolver)().resolve4("localhost", () => {})'],
  ])('opens no network: %s', async (_, statement) => {
    expect(await saidBy(statement)).toBe('the network is off during a replay')
  })

  it.each([
    ['another process', 'get("child_process").spawn("true")'],
    ['a thread, where nothing is closed', 'new (get("worker_threads").Worker)("1", { eval: true })'],
    ['a file', 'get("fs").writeFileSync("/tmp/replay-was-here", "x")'],
    ["Node's inner bindings", 'node.binding("tcp_wrap")'],
  ])('starts and writes nothing: %s', async (_, statement) => {
    expect(await saidBy(statement)).toMatch(/permission|denied|restricted|process\.binding/i)
  })

  it('is replaced where code never ends or ends the process, and goes on with the next', async () => {
    const endless = changed(code, /return Promise\.resolve\('pong'\)/, 'for (;;);')
    expect(await replayer.replay({ ...job, code: endless })).toEqual([
      expect.objectContaining({ replayed: expect.stringContaining('timed out') }),
    ])
    expect(await saidBy('node.exit(7)')).toBe('the replaying process ended (7)')
    expect(await replayer.replay({ ...job, code })).toEqual([null])
  })
})
