import { request } from 'node:http'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createToken } from '@trader/server/access/create-token'
import type { Pool } from '@trader/server/database/pool'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { eras, ownerToken, startMcp, type Era, type McpServerUnderTest } from './mcp-server.ts'
import { tellStory } from './told-story.ts'

// What a hostile or broken caller may send, on the wire. Each is refused with its status and code, changes no row, starts no
// workflow, and the next caller is served.

let temporal: TestWorkflowEnvironment
let pool: Pool
let mcp: McpServerUnderTest
let readToken: string

beforeAll(async () => {
  temporal = await startTemporal()
  pool = (await createDatabase(inject('postgresUrl'))).pool
  await tellStory(pool)
  const { token } = await createToken(pool, { name: 'reader', scope: 'read', expiresAt: null })
  readToken = token.reveal()
  mcp = await startMcp({ pool, client: temporal.client, taskQueue: 'nobody-listens' })
})
afterAll(async () => {
  await mcp.stop()
  await pool.end()
  await temporal.teardown()
})

interface World {
  readonly rows: string
  readonly workflows: number
}

/** A hash of every row of every table, and how many workflows there ever were. */
async function world(): Promise<World> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  )
  const hashes = tables.map(({ name }) => `(select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from ${name} t)`)
  const { rows } = await pool.query<{ hash: string }>(`select concat_ws(',', ${hashes.join(', ')}) as hash`)
  const { count } = await temporal.client.workflow.count()
  return { rows: rows[0]?.hash ?? '', workflows: count }
}

let before: World
beforeEach(async () => {
  before = await world()
})
afterEach(async () => {
  expect(await world()).toEqual(before)
  expect(await send({ body: call('list_wallets', {}) })).toMatchObject({ status: 200, body: expect.stringContaining('"wallets"') })
})

interface Sent {
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly path?: string
  /** Leaves the length out, so that the server learns it only as it reads. */
  readonly chunked?: boolean
}

/** What came back; `cut` where the server closed the connection instead. */
function send({
  body,
  headers = {},
  method = 'POST',
  path = '/mcp',
  chunked = false,
}: Sent): Promise<{ status: number | 'cut'; body: string }> {
  const { MCP_PORT: port } = mcp.config
  const length = chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve) => {
    const cut = (): void => resolve({ status: 'cut', body: '' })
    const sent = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...length, ...headers },
    })
    sent.on('error', cut)
    sent.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', cut)
    })
    sent.end(body)
  })
}

const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'abuse', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

function call(name: string, args: unknown, era: Era = 'legacy'): string {
  const meta = era === 'legacy' ? {} : { _meta: envelope }
  return JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: args, ...meta } })
}

const headersOf = (name: string, era: Era): Record<string, string> =>
  era === 'legacy' ? {} : { 'mcp-protocol-version': era, 'mcp-method': 'tools/call', 'mcp-name': name }

const asOwner = { authorization: `Bearer ${ownerToken}` }
const order = { product: 'BTC-USD', side: 'BUY', quantity: '0.01' }
const orders = (change: object): object => ({ orders: [{ ...order, ...change }] })

describe.each(eras)('in the %s protocol, arguments are refused before anything starts', (era) => {
  const refused: [what: string, tool: string, args: unknown][] = [
    ['an extra property', 'place_mock_order', { ...orders({}), fill_price: '1' }],
    ['an extra property deep inside', 'place_mock_order', orders({ fill_price: '1' })],
    ['the text NaN', 'place_mock_order', orders({ quantity: 'NaN' })],
    ['the text Infinity', 'place_mock_order', orders({ notional: 'Infinity', quantity: undefined })],
    ['an exponent', 'place_mock_order', orders({ quantity: '1e9' })],
    ['a negative quantity', 'place_mock_order', orders({ quantity: '-1' })],
    ['a bidirectional override in a product', 'place_mock_order', orders({ product: 'BTC\u202e-USD' })],
    ['a look-alike letter in a product', 'place_mock_order', orders({ product: 'ВТС-USD' })],
    ['a bidirectional override in a key', 'place_mock_order', { ...orders({}), idempotency_key: 'a\u2066b' }],
    ['a bidirectional override in feedback', 'send_user_feedback', { target_agent: 'judge', message: 'sell \u202eyub' }],
    ['an escape sequence in a reason', 'pause_trading', { reason: 'lunch\u001b[2J' }],
    ['a bidirectional override in a reason', 'halt_trading', { reason: '\u202egnihton' }],
    ['a bidirectional override in a prompt', 'update_system_prompt', { text: 'Buy \u202e low', reason: 'x' }],
    ['an escape sequence in the reason of a prompt', 'update_system_prompt', { mode: 'standard', reason: '\u001b]0;x' }],
    ['a bidirectional override in the reason of a rollback', 'rollback_prompt', { version: 1, reason: '\u2067x' }],
    ['NUL in a reason', 'flatten_positions', { reason: 'a\0b' }],
    ['21 orders', 'place_mock_order', { orders: Array.from({ length: 21 }, () => order) }],
    ['SQL in an id', 'get_decision', { id: "x'; drop table fill; --" }],
    ['a path in an id', 'cancel_order', { order_id: '../../etc/passwd' }],
    ['a wallet that is an object', 'set_tradeable_fraction', { wallet: { $ne: 1 }, fraction: 1 }],
    ['preferences that are a list', 'set_user_preferences', { preferences: ['x'] }],
    ['a limit that is no whole number', 'list_orders', { limit: 1.5 }],
    ['a limit beyond any', 'list_orders', { limit: 1e9 }],
    ['a time before time', 'list_decisions', { since_ts: -1 }],
  ]
  it.each(refused)('%s', async (_, name, args) => {
    const answer = await send({ body: call(name, args, era), headers: { ...asOwner, ...headersOf(name, era) } })
    expect(answer).toMatchObject({
      status: 200,
      body: expect.stringMatching(/\\"code\\":\\"(INVALID_ARGUMENTS|INVALID_ORDER|INVALID_PREFERENCES)\\"/),
    })
  })

  it('a number too large to be one', async () => {
    const body = call('place_mock_order', orders({ quantity: 777 }), era).replace('777', '1e309')
    const answer = await send({ body, headers: { ...asOwner, ...headersOf('place_mock_order', era) } })
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('INVALID_ARGUMENTS') })
  })

  it('a caller without a token, or with too small a scope', async () => {
    for (const headers of [{}, { authorization: `Bearer ${readToken}` }]) {
      for (const [name, args] of [
        ['place_mock_order', orders({})],
        ['halt_trading', {}],
        ['flatten_positions', {}],
        ['update_system_prompt', { mode: 'aggressive', reason: 'x' }],
        ['set_tradeable_fraction', { wallet: 'USD', fraction: 0 }],
      ] as const) {
        const answer = await send({ body: call(name, args, era), headers: { ...headers, ...headersOf(name, era) } })
        expect(answer, name).toMatchObject({ status: 200, body: expect.stringContaining('SCOPE_REQUIRED') })
      }
    }
  })
})

describe('messages that are none', () => {
  const good = call('pause_trading', { reason: 'never' })
  const malformed: [what: string, body: string | Buffer, status: number, code: number][] = [
    ['NaN as a literal', call('place_mock_order', orders({ quantity: 777 })).replace('777', 'NaN'), 400, -32_700],
    ['half a message', good.slice(0, -2), 400, -32_700],
    ['no JSON', 'GET / HTTP/1.1', 400, -32_700],
    ['a name given twice', good.replace('"reason"', '"reason":"good","reason"'), 400, -32_602],
    ['a method given twice', good.replace('"method"', '"method":"ping","method"'), 400, -32_602],
    ['__proto__ as a name', good.replace('"reason"', '"__proto__"'), 400, -32_602],
    ['nested 5,000 deep', good.replace('"never"', `${'['.repeat(5000)}${']'.repeat(5000)}`), 400, -32_602],
    ['nested 100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, -32_602],
    ['a batch of 21', `[${Array.from({ length: 21 }, () => good).join(',')}]`, 400, -32_600],
    [
      'a batch of 4,000',
      `[${Array.from({ length: 4000 }, (_, id) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`).join(',')}]`,
      400,
      -32_600,
    ],
    ['a number', '5', 400, -32_600],
    ['bytes that are no text', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22]), 400, -32_700],
  ]
  it.each(malformed)('%s', async (_, body, status, code) => {
    const answer = await send({ body, headers: asOwner })
    expect({ status: answer.status, code: (JSON.parse(answer.body) as { error: { code: number } }).error.code }).toEqual({ status, code })
  })

  it('an empty batch, an empty body and a message without a method', async () => {
    for (const body of ['[]', '', '{}', '{"jsonrpc":"2.0","id":1}', '{"jsonrpc":"1.0","id":1,"method":"ping"}']) {
      expect((await send({ body, headers: asOwner })).status, body).toBe(400)
    }
  })

  it('10 MB, told or not told', async () => {
    const body = call('send_user_feedback', { target_agent: 'judge', message: 'x'.repeat(10_000_000) })
    expect(await send({ body, headers: asOwner })).toMatchObject({ status: expect.toBeOneOf([413, 'cut']) })
    expect(await send({ body, headers: asOwner, chunked: true })).toMatchObject({ status: expect.toBeOneOf([413, 'cut']) })
  })

  it('a length that is a lie', async () => {
    const answer = await send({ body: call('list_orders', {}), headers: { ...asOwner, 'content-length': '999999999' } })
    expect(answer.status).toBe(413)
  })

  it('another type of content', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '', 'application/xml']) {
      expect((await send({ body: good, headers: { ...asOwner, 'content-type': type } })).status, type).toBe(415)
    }
  })

  it('another method of HTTP', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expect((await send({ body: '', method, headers: asOwner })).status, method).toBe(405)
    }
  })

  it('a method of the protocol that we do not have', async () => {
    for (const method of [
      'sampling/createMessage',
      'tasks/list',
      'resources/subscribe',
      'logging/setLevel',
      'toString',
      '__defineGetter__',
    ]) {
      const answer = await send({ body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} }), headers: asOwner })
      expect(answer.body, method).toContain('-32601')
    }
  })
})

describe('callers that are not allowed', () => {
  const body = call('pause_trading', {})

  it('a page of another origin, and a name that was rebound to this machine', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { host: 'evil.example' },
      { host: `evil.example:80`, origin: `http://localhost:${mcp.config.MCP_PORT}` },
    ]) {
      const answer = await send({ body, headers: { ...asOwner, ...headers } })
      expect(answer, JSON.stringify(headers)).toMatchObject({ status: 403, body: expect.stringContaining('-32000') })
    }
  })

  it('a token that is none', async () => {
    for (const authorization of [
      'Bearer x',
      'Bearer ',
      `bearer${ownerToken}`,
      `Basic ${btoa(`owner:${ownerToken}`)}`,
      `Bearer ${ownerToken}x`,
    ]) {
      expect((await send({ body, headers: { authorization } })).status, authorization).toBe(401)
    }
  })

  it('a preflight of a page', async () => {
    const answer = await send({
      body: '',
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    })
    expect(answer.status).toBe(403)
  })

  it('a path beside the server', async () => {
    for (const path of ['/mcp/../admin', '/mcp%2f', '//mcp', '/MCP', '/', '/mcp/tools']) {
      expect((await send({ body, path, headers: asOwner })).status, path).toBe(404)
    }
  })
})
