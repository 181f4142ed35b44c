import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client as McpClient } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { tools } from '@trader/server/mcp/tools/index'
import { freePortBase } from '../support/free-ports.ts'
import { trader, TraderProcess, type Outcome } from '../support/stack-process.ts'
import { codeOf, connect, eras, type Era, type ToolAnswer } from './mcp-server.ts'

// The tools and commands on a whole stack that trades, as a user starts it.

const mainPath = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))

let dataDir: string
let portBase: number
let stack: TraderProcess

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'trader-mcp-'))
  portBase = await freePortBase()
  stack = new TraderProcess(['start', '--no-chat', '--speed', '60', '--data-dir', dataDir, '--port-base', String(portBase)])
  await stack.until('Ready in')
  await vi.waitFor(async () => expect(await newestTicks()).not.toContainEqual([]), { timeout: 30_000, interval: 500 })
})
afterAll(async () => {
  if (stack.child.exitCode === null) await stack.end('SIGTERM')
  await command('stop')
  rmSync(dataDir, { recursive: true, force: true })
})

const command = (...args: string[]): Promise<Outcome> => trader([...args, '--data-dir', dataDir])
const lastLine = ({ stdout }: Outcome): unknown => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
const url = (): string => `http://127.0.0.1:${portBase + 3}`
const token = (): string => readFileSync(join(dataDir, 'owner-token'), 'utf8').trim()
const buy = (quantity: string, change: Readonly<Record<string, unknown>> = {}) => ({ product: 'BTC-USD', side: 'BUY', quantity, ...change })

async function withOwner<Result>(
  work: (call: (name: string, args?: object) => Promise<ToolAnswer>) => Promise<Result>,
  era: Era = '2026-07-28',
): Promise<Result> {
  const client = await connect({ url: url(), token: token(), era })
  try {
    return await work((name, args = {}) => client.callTool({ name, arguments: { ...args } }))
  } finally {
    await client.close()
  }
}
/** A minute of market time, which is how long after an order the next one may come. */
async function afterCoolDown(): Promise<void> {
  const marketTime = () => withOwner(async (call) => Number(structured(await call('get_portfolio_status')).market_time))
  const end = (await marketTime()) + 60_000
  await vi.waitFor(async () => expect(await marketTime()).toBeGreaterThan(end), { timeout: 60_000, interval: 250 })
}

/** The last tick of each product; an empty list where there is none yet. */
async function newestTicks(): Promise<unknown[]> {
  const ticks = await withOwner((call) => call('get_historical_ticks', { symbols: ['BTC-USD', 'ETH-USD'], days: 1, limit: 1 }))
  return Object.values(structured(ticks))
}
const structured = (answer: ToolAnswer) => answer.structuredContent as Readonly<Record<string, never>>

describe('an agent that trades by tools', () => {
  it.each(eras)('places an order in the %s protocol, and the same key again is the same order', async (era) => {
    await withOwner(async (call) => {
      const key = `first-${era}`
      const placed = await call('place_mock_order', {
        orders: [{ symbol: 'BTC/USD', side: 'BUY', qty: 0.001, price: 1_000_000 }],
        idempotency_key: key,
      })
      // No caller names a fill's price: a limit far above the market is refused, not filled there.
      expect(codeOf(placed)).toBe('PRICE_SANITY')
      const orders = [{ symbol: 'BTC/USD', side: 'BUY', qty: 0.001 }]
      await afterCoolDown()
      const first = await call('place_mock_order', { orders, idempotency_key: `${key}-b`, wait_ms: 30_000 })
      expect(structured(first)).toMatchObject({ order_count: 1, fills: [{ product: 'BTC-USD', quantity: '0.001' }], total_proceeds: '0' })
      const again = await call('place_mock_order', { orders, idempotency_key: `${key}-b`, wait_ms: 0 })
      expect(again.structuredContent).toEqual({ ...structured(first), replayed: true })
      const other = await call('place_mock_order', { orders: [buy('0.002')], idempotency_key: `${key}-b` })
      expect(codeOf(other)).toBe('IDEMPOTENCY_CONFLICT')
    }, era)
  })

  it('is refused with a code, and the refusal places nothing', async () => {
    await withOwner(async (call) => {
      await afterCoolDown()
      const before = structured(await call('list_orders')).count
      expect(codeOf(await call('place_mock_order', { orders: [buy('50')] }))).toBe('INSUFFICIENT_CASH')
      expect(codeOf(await call('place_mock_order', { orders: [{ ...buy('50'), side: 'SELL' }] }))).toBe('INSUFFICIENT_HOLDINGS')
      expect(codeOf(await call('place_mock_order', { orders: [buy('0.001', { product: 'FOO-USD' })] }))).toBe('UNKNOWN_PRODUCT')
      expect(codeOf(await call('place_mock_order', { orders: [buy('0.001', { type: 'limit' })] }))).toBe('INVALID_ORDER')
      expect(structured(await call('list_orders')).count).toBe(before)
    })
  })

  it('cancels an order that rests, once', async () => {
    await withOwner(async (call) => {
      await afterCoolDown()
      const price = Number(structured(await call('get_feature_vector', { product: 'BTC-USD' })).price) * 0.97
      const placed = await call('place_mock_order', {
        orders: [buy('0.001', { type: 'limit', limit_price: price.toFixed(2), time_in_force: 'GTC' })],
        wait_ms: 0,
      })
      const [order] = structured(placed).orders as unknown as { order_id: string }[]
      expect(structured(await call('cancel_order', { order_id: order?.order_id }))).toMatchObject({
        cancelled: true,
        order: { state: 'CANCELLED' },
      })
      expect(structured(await call('cancel_order', { order_id: order?.order_id }))).toMatchObject({
        cancelled: false,
        order: { state: 'CANCELLED' },
      })
    })
  })

  it('halts: open orders are cancelled, every order is refused, and a resume lifts it', async () => {
    await withOwner(async (call) => {
      await afterCoolDown()
      const price = Number(structured(await call('get_feature_vector', { product: 'BTC-USD' })).price) * 0.97
      await call('place_mock_order', {
        orders: [buy('0.002', { type: 'limit', limit_price: price.toFixed(2), time_in_force: 'GTC' })],
        wait_ms: 0,
      })
      const halted = structured(await call('halt_trading', { reason: 'test' }))
      expect(halted).toMatchObject({ state: 'halted', status: 'stored', failed_orders: [] })
      expect(halted.cancelled_orders).not.toEqual([])
      expect(structured(await call('list_orders', { status: 'open' })).count).toBe(0)
      expect(codeOf(await call('place_mock_order', { orders: [buy('0.001')] }))).toBe('TRADING_HALTED')
      expect(structured(await call('resume_trading'))).toMatchObject({ state: 'active', previous: 'halted' })
    })
  })

  it('sees what it did: portfolio, history, metrics, wallets and decisions', async () => {
    await withOwner(async (call) => {
      const status = structured(await call('get_portfolio_status'))
      expect(status).toMatchObject({ status: 'ok', book: 'paper', positions: { 'BTC-USD': expect.any(String) } })
      const parts = [status.cash, status.scraped_profits, status.total_position_value].map(Number)
      expect(Number(status.total_portfolio_value)).toBeCloseTo(
        parts.reduce((sum, part) => sum + part, 0),
        6,
      )
      const { transactions } = structured(await call('get_transaction_history', { limit: 2 }))
      expect(transactions).toMatchObject([{ side: 'BUY' }, { side: 'BUY' }])
      expect(structured(await call('get_performance_metrics'))).toMatchObject({
        total_trades: expect.any(Number),
        fill_count: expect.any(Number),
      })
      expect(Number(structured(await call('get_risk_metrics')).num_positions)).toBeGreaterThan(0)
      const { decisions } = structured(await call('list_decisions', { limit: 1 }))
      const [line] = decisions as unknown as { id: string }[]
      expect(structured(await call('get_decision', { id: line?.id }))).toMatchObject({
        decision: { id: line?.id },
        model_calls: expect.any(Array),
      })
      expect(codeOf(await call('get_decision', { id: 'decision-of-nobody' }))).toBe('NOT_FOUND')
      const ticks = structured(await call('get_historical_ticks', { symbols: ['BTC/USD', 'ETH/USD'], days: 1, limit: 5 }))
      expect(Object.keys(ticks)).toEqual(['BTC-USD', 'ETH-USD'])
    })
  })

  it('changes limits, preferences and the prompt, and leaves feedback', async () => {
    await withOwner(async (call) => {
      expect(structured(await call('set_tradeable_fraction', { wallet: 'USD', fraction: 0.9 }))).toMatchObject({ previous_fraction: 1 })
      expect(codeOf(await call('set_tradeable_fraction', { wallet: 'EUR', fraction: 0.9 }))).toBe('UNKNOWN_WALLET')
      expect(structured(await call('set_user_preferences', { preferences: { profit_scraping_percentage: 30 } }))).toMatchObject({
        changed: ['profit_scraping_percentage'],
      })
      expect(structured(await call('get_user_preferences'))).toMatchObject({ profit_scraping_percentage: 30 })
      expect(codeOf(await call('set_user_preferences', { preferences: { risk_tolerance: 'wild' } }))).toBe('INVALID_PREFERENCES')
      expect(structured(await call('update_system_prompt', { mode: 'conservative', reason: 'test' }))).toMatchObject({
        previous_version: 1,
        version: { version: 2 },
      })
      expect(structured(await call('get_prompt_history'))).toMatchObject({ current_version: 2, count: 2 })
      expect(structured(await call('rollback_prompt', { version: 1 }))).toMatchObject({ version: { version: 1 } })
      expect(structured(await call('send_user_feedback', { target_agent: 'JUDGE', message: 'well done' }))).toMatchObject({
        success: true,
        target: 'judge',
      })
      expect(structured(await call('get_pending_feedback', { target_agent: 'judge' }))).toMatchObject({ count: 1 })
    })
  })

  it('finds the same stream for the same products, and a new run for others', async () => {
    await withOwner(async (call) => {
      const { run_id: runId } = structured(await call('get_portfolio_status'))
      expect(structured(await call('start_market_stream'))).toMatchObject({ run_id: runId, resumed: true })
      const other = structured(await call('start_market_stream', { symbols: ['SOL/USD'] }))
      expect(other).toMatchObject({ resumed: false, products: ['SOL-USD'] })
      expect(structured(await call('get_portfolio_status'))).toMatchObject({ run_id: other.run_id, cash: '10000' })
      expect(structured(await call('start_market_stream', { symbols: ['BTC/USD', 'ETH/USD'] }))).toMatchObject({
        run_id: runId,
        resumed: true,
      })
      expect(structured(await call('get_portfolio_status'))).toMatchObject({ run_id: runId })
      expect(codeOf(await call('start_market_stream', { symbols: ['FOO/USD'] }))).toBe('UNKNOWN_PRODUCT')
      expect(codeOf(await call('subscribe_cex_stream', { exchange: 'nosuch' }))).toBe('NO_MARKET_DATA')
      expect(codeOf(await call('subscribe_cex_stream', { exchange: 'http://x' }))).toBe('INVALID_ARGUMENTS')
      expect(structured(await call('get_portfolio_status'))).toMatchObject({ run_id: runId })
    })
  })
})

describe('stdio', () => {
  async function overStdio<Result>(
    { era, args = [] }: { era: Era; args?: string[] },
    work: (client: McpClient) => Promise<Result>,
  ): Promise<Result> {
    const { PATH = '', HOME = '' } = process.env
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', mainPath, 'mcp', '--stdio', '--data-dir', dataDir, ...args],
      env: { PATH, HOME },
      stderr: 'ignore',
    })
    const client = new McpClient(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: era === 'legacy' ? 'legacy' : { pin: era } } },
    )
    await client.connect(transport)
    return work(client).finally(() => client.close())
  }

  it.each(eras)('serves the same in the %s protocol, and may only read unless it was told otherwise', async (era) => {
    await overStdio({ era }, async (client) => {
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name))
      expect(codeOf(await client.callTool({ name: 'get_portfolio_status', arguments: {} }))).toBeUndefined()
      expect(codeOf(await client.callTool({ name: 'pause_trading', arguments: {} }))).toBe('SCOPE_REQUIRED')
      const { contents } = await client.readResource({ uri: 'trader://positions' })
      expect(contents).toMatchObject([{ text: expect.stringContaining('"positions":') }])
      const { messages } = await client.getPrompt({ name: 'morning_briefing' })
      expect(messages.map(({ content }) => content.type)).toEqual(['text', 'resource', 'resource'])
      const ref = { type: 'ref/resource' as const, uri: 'trader://market/{symbol}/candles{?tf,limit}' }
      const { completion } = await client.complete({ ref, argument: { name: 'symbol', value: '' } })
      expect(completion.values).toEqual(['BTC-USD', 'ETH-USD'])
    })
    await overStdio({ era, args: ['--scope', 'trade'] }, async (client) => {
      expect(codeOf(await client.callTool({ name: 'resume_trading', arguments: {} }))).toBeUndefined()
      expect(codeOf(await client.callTool({ name: 'set_tradeable_fraction', arguments: {} }))).toBe('SCOPE_REQUIRED')
    })
  })

  it('writes nothing of its own to stdout, and ends when its input does', async () => {
    const server = new TraderProcess(['mcp', '--stdio', '--data-dir', dataDir])
    // TraderProcess gives its child no input: the end is there from the start.
    const { exitCode, stdout } = await server.outcome
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
  })
})

describe('the commands', () => {
  it('call tools and say by their exit code what came of it', async () => {
    expect((await command('tool', 'list')).stdout).toContain('place_mock_order')
    expect(lastLine(await command('tool', 'call', 'get_portfolio_status', '--json'))).toMatchObject({ book: 'paper' })
    const outcomes = await Promise.all([
      command('tool', 'call', 'list_orders', 'not json'),
      command('tool', 'call', 'transfer_money', '{}'),
      command('tool', 'call', 'list_orders', '{"limit":0}'),
      command('tool', 'call', 'place_mock_order', JSON.stringify({ orders: [buy('50')] })),
      command('wallet', 'set-tradeable-fraction', 'USD', '7'),
    ])
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 3, 2])
  })

  it.each([
    [
      'place_mock_order',
      { orders: [buy('1', { notional: '5' })] },
      2,
      'INVALID_ORDER: orders[0]: give exactly one of quantity and notional',
    ],
    ['place_mock_order', { orders: [buy('1', { product: 'FOO-USD' })] }, 2, 'UNKNOWN_PRODUCT: unknown product FOO-USD'],
    [
      'place_mock_order',
      { orders: [{ ...buy('1'), quantity: null }] },
      2,
      'orders[0].quantity must be a positive decimal text such as "0.5", was null',
    ],
    ['get_feature_vector', { product: 'FOO-USD' }, 2, 'UNKNOWN_PRODUCT'],
    ['get_feature_vector', { product: 'XLM-USD' }, 1, 'NOT_STREAMED: XLM-USD is not streamed'],
    ['rollback_prompt', { version: 1 }, 1, 'ALREADY_ACTIVE'],
    ['rollback_prompt', { version: 99 }, 1, 'UNKNOWN_VERSION'],
    ['set_user_preferences', { preferences: { risk_tolerance: 'wild' } }, 2, 'risk_tolerance must be low, medium or high, was "wild"'],
    ['get_decision', { id: 'decision-of-nobody' }, 1, 'NOT_FOUND'],
  ])('say once, in a sentence, why %s with %j is refused', async (name, args, exitCode, sentence) => {
    const outcome = await command('tool', 'call', name, JSON.stringify(args))
    expect(outcome).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(sentence) })
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(outcome.stderr).not.toMatch(/Invalid|expected|received|✖/)
  })

  it('answer a program with the whole refusal and nothing else', async () => {
    const outcome = await command('tool', 'call', 'list_orders', '{"limit":0}', '--json')
    expect(outcome).toMatchObject({ exitCode: 2, stderr: '' })
    expect(lastLine(outcome)).toEqual({ code: 'INVALID_ARGUMENTS', message: 'list_orders: limit must be at least 1, was 0' })
  })

  it('take the beginning of an id where it is enough, and list the ids where it is not', async () => {
    const [newest] = lastLine(await command('decision', 'list', '--json', '--limit', '1')) as { id: string }[]
    const id = newest?.id ?? ''
    expect((await command('decision', 'show', id.replace('decision-', ''), '--json')).stdout).toContain(id)
    const several = await command('decision', 'show', id.slice(0, 12))
    expect(several).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(id) })
    expect((await command('order', 'cancel', 'ffffffffffff')).exitCode).toBe(1)
    const orders = lastLine(await command('order', 'list', '--json')) as { order_id: string; state: string }[]
    const over = orders.find(({ state }) => state === 'FILLED')?.order_id ?? ''
    expect((await command('order', 'cancel', over.slice(0, 13))).stdout).toContain(`order ${over} was over already`)
  })

  it('say after a halt what is unguarded, and after a flatten what was sold', async () => {
    const halted = await command('halt', '3 a.m.')
    expect(halted.stdout).toMatch(
      /^trading is HALTED[^]*\n(UNGUARDED: .* BTC-USD.*|no position is held)\nnext: .*`trader resume --data-dir /,
    )
    expect((await command('pause')).stdout).toContain('a halt is stricter than a pause')
    const flattened = await command('flatten')
    expect(flattened.stdout).toMatch(/^trading is PAUSED[^]*\n(flat: nothing is held|NOT FLAT: .*)\nnext: /)
    expect(flattened.exitCode).toBe(flattened.stdout.includes('NOT FLAT') ? 1 : 0)
    expect((await command('resume')).stdout).toContain('trading is ACTIVE (it was paused)')
  })

  it('show decisions, one of them in full', async () => {
    const list = lastLine(await command('decision', 'list', '--json', '--limit', '3')) as { id: string; action: string }[]
    expect(list[0]).toEqual({
      id: expect.any(String),
      market_time: expect.any(Number),
      action: expect.stringMatching(/^(TRADE|HOLD)$/),
      products: expect.any(Array),
      orders: expect.any(Array),
      prompt_version: expect.toSatisfy((value) => value === null || Number.isInteger(value)),
      model: expect.toSatisfy((value) => value === null || typeof value === 'string'),
      hold_reason: expect.toSatisfy((value) => value === null || typeof value === 'string'),
    })
    const { stdout } = await command('decision', 'show', list[0]?.id ?? '')
    for (const title of [
      'What it saw',
      'Gate',
      'Model',
      'What it proposed',
      'Refused by risk',
      'Orders',
      'Fills',
      'Postings',
      'What happened next',
    ]) {
      expect(stdout).toContain(title)
    }
    expect((await command('decision', 'show', 'nobody')).exitCode).toBe(1)
  })

  it('take a wallet and a fraction by place or by name', async () => {
    expect(lastLine(await command('wallet', 'set-tradeable-fraction', 'paper-USD', '0.8', '--json'))).toMatchObject({
      wallet: { tradeable_fraction: 0.8 },
    })
    expect(lastLine(await command('wallet', 'set-tradeable-fraction', '--wallet', 'USD', '--frac', '0.7', '--json'))).toMatchObject({
      previous_fraction: 0.8,
    })
    expect(lastLine(await command('wallet', 'list', '--json'))).toContainEqual(
      expect.objectContaining({ asset: 'USD', tradeable_fraction: 0.7 }),
    )
  })

  it('make a token that works until it is revoked', async () => {
    const made = lastLine(await command('token', 'create', '--scope', 'trade', '--expires', '1h', '--json')) as {
      token: string
      token_id: string
    }
    const client = await connect({ url: url(), token: made.token })
    expect(codeOf(await client.callTool({ name: 'pause_trading', arguments: {} }))).toBeUndefined()
    expect(codeOf(await client.callTool({ name: 'resume_trading', arguments: {} }))).toBeUndefined()
    expect((await command('token', 'revoke', made.token_id)).exitCode).toBe(0)
    await expect(client.callTool({ name: 'list_orders', arguments: {} })).rejects.toThrow()
    await client.close()
    const listed = await command('token', 'list', '--json')
    expect(lastLine(listed)).toMatchObject([{ token_id: made.token_id, scope: 'trade', revoked_at: expect.any(Number) }])
    expect(listed.stdout).not.toContain(made.token)
    expect((await command('token', 'create', '--scope', 'all')).exitCode).toBe(2)
  })

  it('print settings with which another agent connects', async () => {
    const { stdout, stderr } = await command('mcp', '--print-config', 'claude', '--scope', 'read')
    expect(stderr).toMatch(/of scope read, good until \d{4}-\d\d-\d\d/)
    const [made] = lastLine(await command('token', 'list', '--json')) as { created_at: number; expires_at: number }[]
    expect(Math.round(((made?.expires_at ?? 0) - (made?.created_at ?? 0)) / 86_400_000)).toBe(90)
    expect((await command('mcp', '--print-config', 'cursor', '--expires', 'never')).stderr).toContain('good until it is revoked')
    const { trader: server } = (JSON.parse(stdout) as { mcpServers: { trader: { url: string; headers: { Authorization: string } } } })
      .mcpServers
    const client = await connect({ url: server.url.replace(/\/mcp$/, ''), token: server.headers.Authorization.replace('Bearer ', '') })
    expect(codeOf(await client.callTool({ name: 'list_orders', arguments: {} }))).toBeUndefined()
    expect(codeOf(await client.callTool({ name: 'pause_trading', arguments: {} }))).toBe('SCOPE_REQUIRED')
    await client.close()
  })

  it('tell the history of prompts and what two versions differ in', async () => {
    expect(lastLine(await command('prompt', 'history', '--json'))).toMatchObject({
      current_version: 1,
      versions: [{ version: 2 }, { version: 1 }],
    })
    expect((await command('prompt', 'diff', '1', '2')).stdout).toContain('+ mode: "conservative"')
    expect((await command('prompt', 'diff', '1', '9')).exitCode).toBe(1)
    expect((await command('prompt', 'diff', '1', '1')).stdout).toBe('versions 1 and 1 say the same\n')
  })

  it('check the ledger while the stack runs, after it, and halt without it', async () => {
    expect(lastLine(await command('ledger', 'check', '--json'))).toMatchObject({ ok: true, problems: [], sums: { USD: '0' } })
    await stack.end('SIGINT')

    const checked = await command('ledger', 'check', '--json')
    expect(checked.exitCode).toBe(0)
    expect(lastLine(checked)).toMatchObject({ ok: true, problems: [] })
    const exported = lastLine(await command('ledger', 'export', '--json'))
    expect(exported).toMatchObject({ transactions: expect.any(Array), entries: expect.any(Array), fills: expect.any(Array) })
    expect(lastLine(await command('halt', '--json', '--reason', 'in the night'))).toMatchObject({ state: 'halted', status: 'stored' })
    // A pause never loosens a halt.
    expect(lastLine(await command('pause', 'for lunch', '--json'))).toMatchObject({ state: 'halted' })
    expect((await command('tool', 'list')).exitCode).toBe(4)
    expect((await command('flatten')).exitCode).toBe(4)
  })
})
