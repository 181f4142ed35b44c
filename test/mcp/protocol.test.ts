import { request } from 'node:http'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createToken } from '@trader/server/access/create-token'
import { createPool, type Pool } from '@trader/server/database/pool'
import { revokeAccessToken } from '@trader/server/database/queries/revoke-access-token'
import { getTradingFlag } from '@trader/server/database/queries/trading-flag'
import { serveMcpStdio } from '@trader/server/mcp/stdio'
import { tools } from '@trader/server/mcp/tools/index'
import { newRun } from '../database/book.ts'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { codeOf, connect, eras, metaOf, ownerToken, post, startMcp, type McpServerUnderTest } from './mcp-server.ts'

let temporal: TestWorkflowEnvironment
let pool: Pool
let databaseUrl: string
let mcp: McpServerUnderTest
let runId: string

beforeAll(async () => {
  temporal = await startTemporal()
  const database = await createDatabase(inject('postgresUrl'))
  pool = database.pool
  databaseUrl = database.url
  runId = await newRun(pool)
  mcp = await startMcp({ pool, client: temporal.client, taskQueue: 'nobody-listens' })
})
afterAll(async () => {
  await mcp.stop()
  await pool.end()
  await temporal.teardown()
})

const callOf = (name: string, args: string): string =>
  `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`

async function tokenOf(scope: 'read' | 'trade' | 'admin', expiresAt: number | null = null) {
  const { token, stored } = await createToken(pool, { name: 'test', scope, expiresAt })
  return { token: token.reveal(), id: stored.token_id }
}

async function startedWorkflows(): Promise<number> {
  const { count } = await temporal.client.workflow.count()
  return count
}

describe.each(eras)('the %s protocol', (era) => {
  it('lists every tool with all four hints, both schemas, scope and primitive', async () => {
    const client = await connect({ url: mcp.url, era })
    const { tools: listed } = await client.listTools()
    await client.close()
    expect(listed.map(({ name }) => name)).toEqual(tools.map(({ name }) => name))
    for (const tool of listed) {
      expect(tool.name).toMatch(/^[a-z0-9_]{1,64}$/)
      expect(tool.annotations).toEqual({
        title: tool.title,
        readOnlyHint: expect.any(Boolean),
        destructiveHint: expect.any(Boolean),
        idempotentHint: expect.any(Boolean),
        openWorldHint: expect.any(Boolean),
      })
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
      expect(tool.outputSchema).toMatchObject({ type: 'object' })
      expect(metaOf(tool)).toMatchObject({ scope: expect.any(String), primitive: expect.any(String) })
    }
  })

  it('answers a call with structured content that fits its schema, the same as text, and a correlation id', async () => {
    const client = await connect({ url: mcp.url, era })
    const answer = await client.callTool({ name: 'list_wallets', arguments: {} })
    await client.close()
    expect(answer.structuredContent).toMatchObject({ run_id: runId, wallets: expect.any(Array) })
    expect(answer.content).toEqual([{ type: 'text', text: JSON.stringify(answer.structuredContent) }])
    expect(metaOf(answer)).toMatchObject({ correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
  })

  it('lets a caller without a token read and not write', async () => {
    const client = await connect({ url: mcp.url, era })
    expect(codeOf(await client.callTool({ name: 'list_orders', arguments: {} }))).toBeUndefined()
    for (const tool of tools.filter(({ scope }) => scope !== 'read')) {
      expect(codeOf(await client.callTool({ name: tool.name, arguments: {} })), tool.name).toBe('SCOPE_REQUIRED')
    }
    await client.close()
    expect(await startedWorkflows()).toBe(0)
  })

  it('lets a token do what its scope contains', async () => {
    const { token } = await tokenOf('trade')
    const trade = await connect({ url: mcp.url, token, era })
    const admin = await connect({ url: mcp.url, token: ownerToken, era })
    expect(codeOf(await trade.callTool({ name: 'place_mock_order', arguments: {} }))).toBe('INVALID_ARGUMENTS')
    expect(codeOf(await trade.callTool({ name: 'set_tradeable_fraction', arguments: {} }))).toBe('SCOPE_REQUIRED')
    expect(codeOf(await admin.callTool({ name: 'set_tradeable_fraction', arguments: {} }))).toBe('INVALID_ARGUMENTS')
    await Promise.all([trade.close(), admin.close()])
  })
})

describe('access', () => {
  it('turns a wrong, expired or revoked token away, also where none would be needed', async () => {
    const expired = await tokenOf('admin', Date.now() - 1)
    const revoked = await tokenOf('admin')
    await revokeAccessToken(pool, revoked.id)
    for (const header of ['Bearer wrong', `Bearer ${expired.token}`, `Bearer ${revoked.token}`, `Basic ${ownerToken}`, ownerToken]) {
      const response = await post(mcp.url, callOf('list_orders', '{}'), { authorization: header })
      expect(response.status, header).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    }
  })

  it('stores no token, only its hash', async () => {
    const { token } = await tokenOf('read')
    const { rows } = await pool.query<{ row: string }>('select t::text as row from access_token t')
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.some(({ row }) => row.includes(token))).toBe(false)
  })

  it('answers only to names of this machine', async () => {
    for (const host of ['evil.example', `evil.example:${mcp.config.MCP_PORT}`, '127.0.0.1.evil.example']) {
      expect(await statusWith({ host }), host).toBe(403)
    }
    for (const host of ['localhost', `LOCALHOST:${mcp.config.MCP_PORT}`, '[::1]:1', '127.0.0.1']) {
      expect(await statusWith({ host }), host).toBe(200)
    }
  })

  it('answers other machines to the names it was given, and only with a token', async () => {
    const env = { HOST: '0.0.0.0', ALLOWED_HOSTS: 'trader.lan' }
    const open = await startMcp({ pool, client: temporal.client, taskQueue: 'nobody-listens', env })
    try {
      const port = open.config.MCP_PORT
      const owner = { authorization: `Bearer ${ownerToken}` }
      expect(await statusWith({ host: 'trader.lan' }, { port })).toBe(401)
      expect(await statusWith({ host: `trader.lan:${port}`, ...owner }, { port })).toBe(200)
      expect(await statusWith({ host: 'trader.lan', authorization: 'Bearer wrong' }, { port })).toBe(401)
      expect(await statusWith({ host: 'evil.example', ...owner }, { port })).toBe(403)
      expect(await statusWith({ host: 'localhost' }, { port })).toBe(200)
    } finally {
      await open.stop()
    }
  })

  it('answers to no page but our own', async () => {
    const { MCP_PORT, OPS_PORT } = mcp.config
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:1',
      `https://localhost:${OPS_PORT}`,
      `http://localhost.evil.example:${OPS_PORT}`,
    ]) {
      expect(await statusWith({ origin }), origin).toBe(403)
    }
    expect(await statusWith({ origin: `http://localhost:${OPS_PORT}` })).toBe(200)
    expect(await statusWith({ origin: `http://127.0.0.1:${MCP_PORT}` })).toBe(200)
  })

  it('asks what comes through a proxy for a token even to read', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.7' }
    expect(await statusWith(forwarded)).toBe(401)
    expect(await statusWith({ ...forwarded, authorization: `Bearer ${ownerToken}` })).toBe(200)
  })

  it('answers at /mcp/ and /healthz, and nowhere else', async () => {
    expect(await statusWith({}, { path: '/mcp/' })).toBe(200)
    expect((await fetch(`${mcp.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${mcp.url}/signal/market_tick`)).status).toBe(404)
  })
})

/** Status of a tools/list with headers that fetch would not send. */
function statusWith(
  headers: Record<string, string>,
  { path = '/mcp', port = mcp.config.MCP_PORT }: { path?: string; port?: number } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        headers: {
          host: `127.0.0.1:${port}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    sent.on('error', reject)
    sent.end('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
  })
}

describe('abuse', () => {
  const order = '"orders":[{"product":"BTC-USD","side":"BUY","quantity":"0.01"}]'
  const bad: [string, string, string][] = [
    ['an extra property', 'place_mock_order', `{${order},"run":"x"}`],
    [
      'an extra property deep inside',
      'place_mock_order',
      '{"orders":[{"product":"BTC-USD","side":"BUY","quantity":"1","fill_price":"1"}]}',
    ],
    ['the number 1e309', 'place_mock_order', '{"orders":[{"product":"BTC-USD","side":"BUY","quantity":1e309}]}'],
    ['the text NaN', 'place_mock_order', '{"orders":[{"product":"BTC-USD","side":"BUY","quantity":"NaN"}]}'],
    ['an exponent', 'place_mock_order', '{"orders":[{"product":"BTC-USD","side":"BUY","quantity":"1e9"}]}'],
    ['a negative amount', 'place_mock_order', '{"orders":[{"product":"BTC-USD","side":"BUY","quantity":"-1"}]}'],
    ['zero', 'place_mock_order', '{"orders":[{"product":"BTC-USD","side":"BUY","quantity":0}]}'],
    ['both quantity and notional', 'place_mock_order', '{"orders":[{"product":"BTC-USD","side":"BUY","quantity":"1","notional":"5"}]}'],
    ['no order', 'place_mock_order', '{"orders":[]}'],
    ['a product that is a path', 'place_mock_order', '{"orders":[{"product":"../../etc","side":"BUY","quantity":"1"}]}'],
    ['an idempotency key that is no key', 'place_mock_order', `{${order},"idempotency_key":"a b\\n"}`],
    ['a huge text', 'send_user_feedback', `{"target_agent":"judge","message":"${'x'.repeat(100_000)}"}`],
    ['arguments that are a list', 'list_orders', '[]'],
    ['a fraction above 1', 'set_tradeable_fraction', '{"wallet":1,"fraction":1.5}'],
    ['a fraction of 1e309', 'set_tradeable_fraction', '{"wallet":1,"fraction":1e309}'],
  ]

  it.each(bad)('refuses %s and starts nothing', async (_, name, args) => {
    const response = await post(mcp.url, callOf(name, args), { authorization: `Bearer ${ownerToken}` })
    const body = await response.text()
    expect(body).toMatch(/INVALID_ARGUMENTS|INVALID_ORDER|"error":/)
    expect(await startedWorkflows()).toBe(0)
  })

  it('refuses __proto__, constructor and prototype as keys, however they are written', async () => {
    for (const key of ['__proto__', '\\u005f_proto__', 'constructor', 'prototype']) {
      const response = await post(mcp.url, callOf('list_orders', `{"${key}":{"limit":1}}`))
      expect(response.status, key).toBe(400)
      expect(await response.json()).toMatchObject({ id: 7, error: { code: -32_602, message: expect.stringContaining(' is not allowed') } })
    }
    const nested = await post(mcp.url, callOf('place_mock_order', '{"orders":[{"__proto__":{"side":"BUY"}}]}'))
    expect(await nested.json()).toMatchObject({ error: { message: 'orders[0].__proto__ is not allowed as the name of a field' } })
  })

  it.each([
    ['{"quantity":null}', 'orders[0].quantity must be a positive decimal text such as "0.5", was null'],
    ['{"quantity":1e309}', 'orders[0].quantity must be a positive decimal text such as "0.5", was a number too large to be one'],
    ['{"quantity":"1","fill_price":"1"}', 'orders[0].fill_price is not a field that is known here'],
    ['{"quantity":"1","notional":"5"}', 'orders[0]: give exactly one of quantity and notional'],
    ['{"quantity":"1","type":"limit"}', 'orders[0]: a limit order needs limit_price'],
  ])('says in a sentence what is wrong with an order that has %s', async (change, sentence) => {
    const order = `{"product":"BTC-USD","side":"BUY",${change.slice(1)}`
    const response = await post(mcp.url, callOf('place_mock_order', `{"orders":[${order}]}`), { authorization: `Bearer ${ownerToken}` })
    const body = await response.text()
    // As an event or as it is.
    const { result } = JSON.parse(body.slice(body.indexOf('{'))) as { result: { content: { text: string }[] } }
    const { message } = JSON.parse(result.content[0]?.text ?? '{}') as { message: string }
    expect(message).toContain(sentence)
    expect(message).not.toMatch(/Invalid input|expected|received|✖/)
  })

  it('refuses the features of a product that nobody streams as what it is', async () => {
    const client = await connect({ url: mcp.url })
    const codes = await Promise.all(
      ['FOO-USD', 'SOL-USD'].map(async (product) => codeOf(await client.callTool({ name: 'get_feature_vector', arguments: { product } }))),
    )
    await client.close()
    expect(codes).toEqual(['UNKNOWN_PRODUCT', 'NOT_STREAMED'])
  })

  it('refuses what is no JSON, and more than a message may have', async () => {
    expect((await post(mcp.url, '{"a": NaN}')).status).toBe(400)
    expect((await post(mcp.url, callOf('list_orders', `{"product":"${'x'.repeat(300_000)}"}`))).status).toBe(413)
  })

  it('names an unknown tool', async () => {
    const client = await connect({ url: mcp.url })
    await expect(client.callTool({ name: 'transfer_money', arguments: {} })).rejects.toThrow('there is no tool transfer_money')
    await client.close()
  })
})

describe('stdio', () => {
  it('answers what was asked before its input ended', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const services = { pool, temporal: temporal.client, taskQueue: 'nobody-listens', config: mcp.config, log: () => {} }
    const session = serveMcpStdio(services, { scope: 'read', input, output })
    input.end(`${callOf('list_wallets', '{}')}\n${callOf('get_portfolio_status', '{}').replace('"id":7', '"id":8')}`)
    await session.ended
    await session.close()
    output.end()
    const answers = (await text(output))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; result: unknown })
    expect(answers.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual([7, 8])
    expect(JSON.stringify(answers)).toContain(runId)
  })
})

describe('stopping', () => {
  it('works without an agent or a worker: the flag goes straight to Postgres', async () => {
    const client = await connect({ url: mcp.url, token: ownerToken })
    const halted = await client.callTool({ name: 'halt_trading', arguments: { reason: 'nobody is there' } })
    expect(halted.structuredContent).toMatchObject({
      state: 'halted',
      previous: 'active',
      status: 'stored',
      cancelled_orders: [],
      failed_orders: [],
    })
    expect(await getTradingFlag(pool, 'paper')).toMatchObject({ state: 'halted', who: 'owner', reason: 'nobody is there' })
    const resumed = await client.callTool({ name: 'resume_trading', arguments: {} })
    expect(resumed.structuredContent).toMatchObject({ state: 'active', previous: 'halted', status: 'stored' })
    await client.close()
  })
})

describe('two callers', () => {
  it('with equal request ids, at the same time, each get their own answer', async () => {
    const runs = [runId, 'no-such-run']
    const calls = Array.from({ length: 40 }, (_, index) =>
      post(mcp.url, callOf('list_wallets', `{"run_id":"${runs[index % 2]}"}`)).then((response) => response.text()),
    )
    const bodies = await Promise.all(calls)
    bodies.forEach((body, index) => {
      expect(body.includes('NOT_FOUND'), body).toBe(index % 2 === 1)
      expect(body.includes(runId), body).toBe(index % 2 === 0)
    })
  })

  it('of different scope at the same time keep their own', async () => {
    const calls = Array.from({ length: 20 }, (_, index) =>
      post(mcp.url, callOf('set_tradeable_fraction', '{}'), index % 2 === 0 ? {} : { authorization: `Bearer ${ownerToken}` }).then(
        (response) => response.text(),
      ),
    )
    const bodies = await Promise.all(calls)
    bodies.forEach((body, index) => expect(body).toContain(index % 2 === 0 ? 'SCOPE_REQUIRED' : 'INVALID_ARGUMENTS'))
  })
})

describe('a Postgres that hangs', () => {
  it('is told to the caller in time, and does not keep a halt waiting', async () => {
    const hanging = createPool({ connectionString: databaseUrl, answerWithinMs: 300 })
    const blocker = await pool.connect()
    await blocker.query('begin; lock table wallet, run in access exclusive mode')
    const server = await startMcp({ pool: hanging, client: temporal.client, taskQueue: 'nobody-listens' })
    try {
      const client = await connect({ url: server.url, token: ownerToken })
      expect(codeOf(await client.callTool({ name: 'list_wallets', arguments: {} }))).toBe('DATABASE_UNAVAILABLE')
      const halted = await client.callTool({ name: 'halt_trading', arguments: { reason: 'it hangs' } })
      expect(halted.structuredContent).toMatchObject({ state: 'halted', unguarded_positions: null })
      await client.close()
    } finally {
      await blocker.query('rollback')
      blocker.release()
      await server.stop()
      await hanging.end()
    }
    const client = await connect({ url: mcp.url, token: ownerToken })
    await client.callTool({ name: 'resume_trading', arguments: {} })
    await client.close()
  })
})

describe('a failure that nobody foresaw', () => {
  it('answers a correlation id and says the rest in the log alone', async () => {
    const client = await connect({ url: mcp.url })
    await pool.query('alter table wallet rename to wallet_away')
    const answer = await client.callTool({ name: 'list_wallets', arguments: {} })
    await pool.query('alter table wallet_away rename to wallet')
    await client.close()
    expect(codeOf(answer)).toBe('INTERNAL_ERROR')
    const text = JSON.stringify(answer.content)
    expect(text).not.toContain('does not exist')
    expect(text).toContain(String(metaOf(answer)['correlation_id']))
    expect(mcp.log.at(-1)).toMatchObject({
      tool: 'list_wallets',
      correlation_id: metaOf(answer)['correlation_id'],
      error: expect.stringContaining('wallet'),
    })
  })
})
