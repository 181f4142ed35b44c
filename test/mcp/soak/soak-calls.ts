import { seededRandom } from '@trader/core/market/seeded-random'

/** One call of the soak: what goes over the wire, and what must come back. */
export interface SoakCall {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
  readonly answer: RegExp
}

export interface SoakWorld {
  readonly runId: string
  readonly decisionId: string
  readonly readToken: string
}

type Kind = (
  world: SoakWorld,
  id: number,
) => Omit<SoakCall, 'headers'> & { readonly headers?: SoakCall['headers']; readonly method?: string }

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'soak', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

const request = (id: number, method: string, params: object): string => JSON.stringify({ jsonrpc: '2.0', id, method, params })
const toolCall = (id: number, name: string, args: object): string => request(id, 'tools/call', { name, arguments: args })

function modern(id: number, method: string, params: Readonly<Record<string, unknown>>) {
  const name = params['name'] ?? params['uri']
  return {
    body: request(id, method, { ...params, _meta: modernMeta }),
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
  }
}

const ok = 200

/** Every door of the server, those that stay shut too. */
const kinds: readonly Kind[] = [
  (_, id) => ({ body: request(id, 'tools/list', {}), status: ok, answer: /"place_mock_order"/ }),
  (_, id) => ({ ...modern(id, 'tools/list', {}), status: ok, answer: /"place_mock_order"/ }),
  ({ runId }, id) => ({ body: toolCall(id, 'list_wallets', { run_id: runId }), status: ok, answer: /"wallets"/ }),
  ({ runId }, id) => ({
    ...modern(id, 'tools/call', { name: 'list_wallets', arguments: { run_id: runId } }),
    status: ok,
    answer: /"wallets"/,
  }),
  ({ runId }, id) => ({ body: toolCall(id, 'get_portfolio_status', { run_id: runId }), status: ok, answer: /"position_details"/ }),
  ({ runId }, id) => ({ body: toolCall(id, 'list_orders', { run_id: runId, limit: 5 }), status: ok, answer: /"orders"/ }),
  ({ decisionId }, id) => ({ body: toolCall(id, 'get_decision', { id: decisionId }), status: ok, answer: /"model_calls"/ }),
  ({ readToken }, id) => ({
    body: toolCall(id, 'get_transaction_history', { since_ts: id }),
    headers: { authorization: `Bearer ${readToken}` },
    status: ok,
    answer: new RegExp(`"since_timestamp":${id},`),
  }),
  (_, id) => ({ body: request(id, 'resources/read', { uri: 'trader://risk/limits' }), status: ok, answer: /max_position/ }),
  ({ decisionId }, id) => ({
    ...modern(id, 'resources/read', { uri: `trader://traces/${decisionId}` }),
    status: ok,
    answer: /outside_text/,
  }),
  (_, id) => ({ body: request(id, 'resources/read', { uri: 'trader://nothing' }), status: ok, answer: /-32602/ }),
  (_, id) => ({ body: request(id, 'prompts/get', { name: 'why_blocked' }), status: ok, answer: /trader:\/\/risk\/limits/ }),
  (_, id) => ({
    body: request(id, 'completion/complete', {
      ref: { type: 'ref/resource', uri: 'trader://docs/{page}' },
      argument: { name: 'page', value: 'm' },
    }),
    status: ok,
    answer: /"mcp"/,
  }),
  (_, id) => ({ body: toolCall(id, 'list_orders', { limit: 0 }), status: ok, answer: /INVALID_ARGUMENTS/ }),
  (_, id) => ({ body: toolCall(id, 'place_mock_order', { orders: [] }), status: ok, answer: /SCOPE_REQUIRED/ }),
  (_, id) => ({ body: toolCall(id, 'no_such_tool', {}), status: ok, answer: /there is no tool/ }),
  (_, id) => ({ body: toolCall(id, 'send_user_feedback', { message: 'x'.repeat(100_000) }), status: ok, answer: /SCOPE_REQUIRED/ }),
  () => ({ body: '{"jsonrpc":', status: 400, answer: /-32700/ }),
  (_, id) => ({
    body: toolCall(id, 'list_orders', {}),
    headers: { authorization: 'Bearer wrong' },
    status: 401,
    answer: /unknown, expired/,
  }),
  (_, id) => ({ body: toolCall(id, 'list_orders', {}), headers: { origin: 'https://evil.example' }, status: 403, answer: /evil/ }),
  (_, id) => ({
    body: request(id, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'soak', version: '1' } }),
    status: ok,
    answer: /durable-crypto-agents/,
  }),
]

/** The call of a number: the same for the same seed, whatever was called before. */
export function soakCall(world: SoakWorld, { seed, index }: { seed: number; index: number }): SoakCall {
  const draw = seededRandom(seed, 'soak').uniform(0, index)
  const kind = kinds[Math.floor(draw * kinds.length)]
  if (kind === undefined) throw new Error(`no call for the draw ${draw}`)
  const { headers = {}, ...call } = kind(world, index)
  return { ...call, headers }
}
