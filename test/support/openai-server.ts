import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** How the server behaves towards the next requests. `next` is the mode after `times` requests in this one. */
export type OpenAiMode =
  | { readonly type: 'reply'; readonly text: string; readonly delayMs?: number; readonly usage?: boolean }
  | { readonly type: 'cut'; readonly text: string }
  | { readonly type: 'endless' }
  | { readonly type: 'status'; readonly status: number; readonly retryAfter?: string; readonly times?: number; readonly next?: OpenAiMode }
  | { readonly type: 'hang' }
  | { readonly type: 'trickle' }
  | { readonly type: 'drop' }
  | { readonly type: 'tool-calls'; readonly count: number }
  | { readonly type: 'body'; readonly body: string }
  | { readonly type: 'redirect'; readonly location: string }
  /** Repeats the key it was asked with, in an error or in an answer. */
  | { readonly type: 'echo-key'; readonly status: 200 | 401 }

export interface OpenAiServer {
  readonly baseUrl: string
  /** Parsed bodies of the requests so far. */
  readonly requests: readonly Readonly<Record<string, unknown>>[]
  readonly setMode: (mode: OpenAiMode) => void
  readonly close: () => Promise<void>
}

/** A server on loopback that speaks OpenAI's chat completions, well or badly. With `apiKey`, any other key is answered 401. */
export async function startOpenAiServer({
  apiKey = null,
  mode: firstMode,
}: {
  readonly apiKey?: string | null
  readonly mode: OpenAiMode
}): Promise<OpenAiServer> {
  let mode = firstMode
  let servedInMode = 0
  const requests: Record<string, unknown>[] = []

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push(JSON.parse(Buffer.concat(chunks).toString('utf8')))
      if (apiKey !== null && request.headers.authorization !== `Bearer ${apiKey}`) return refuseKey(request, response)
      if (mode.type === 'status' && mode.next !== undefined && servedInMode >= (mode.times ?? 1)) setMode(mode.next)
      servedInMode += 1
      if (mode.type === 'echo-key') return echoKey(mode.status, request, response)
      return serve(mode, response)
    })
  })
  const setMode = (next: OpenAiMode): void => {
    mode = next
    servedInMode = 0
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the OpenAI test server has no port')
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    requests,
    setMode,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function serve(mode: Exclude<OpenAiMode, { type: 'echo-key' }>, response: ServerResponse): void {
  switch (mode.type) {
    case 'reply':
      setTimeout(() => sendJson(response, 200, completion({ content: mode.text }, 'stop', mode.usage ?? true)), mode.delayMs ?? 0)
      return
    case 'cut':
      return sendJson(response, 200, completion({ content: mode.text }, 'length', true))
    case 'endless':
      return sendEndlessly(response)
    case 'status':
      if (mode.retryAfter !== undefined) response.setHeader('retry-after', mode.retryAfter)
      return sendJson(response, mode.status, { error: { message: `status ${mode.status}`, type: 'test', param: null, code: null } })
    case 'hang':
      return
    case 'trickle':
      return trickle(response)
    case 'drop':
      response.destroy()
      return
    case 'tool-calls':
      return sendJson(response, 200, completion({ content: null, tool_calls: toolCalls(mode.count) }, 'tool_calls', true))
    case 'body':
      response.writeHead(200, { 'content-type': 'application/json' }).end(mode.body)
      return
    case 'redirect':
      response.writeHead(307, { location: mode.location }).end()
  }
}

function completion(message: Readonly<Record<string, unknown>>, finishReason: string, withUsage: boolean): object {
  return {
    id: 'chatcmpl-test',
    object: 'chat.completion',
    created: 1,
    model: 'test',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason }],
    ...(withUsage ? { usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } } : {}),
  }
}

function toolCalls(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `call-${index}`,
    type: 'function',
    function: { name: 'place_mock_order', arguments: '{"product":"BTC-USD","side":"BUY","notional":"1000"}' },
  }))
}

function refuseKey(request: IncomingMessage, response: ServerResponse): void {
  const sent = (request.headers.authorization ?? '').replace('Bearer ', '')
  sendJson(response, 401, {
    error: { message: `Incorrect API key provided: ${sent}.`, type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
  })
}

function echoKey(status: 200 | 401, request: IncomingMessage, response: ServerResponse): void {
  if (status === 401) return refuseKey(request, response)
  const text = JSON.stringify({ decisions: [], summary: `I was asked with ${request.headers.authorization}` })
  sendJson(response, 200, completion({ content: text }, 'stop', true))
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Valid JSON that never ends, as fast as it is read, until the reader hangs up. */
function sendEndlessly(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"')
  const piece = 'x'.repeat(65_536)
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more)
  more()
}

/** A byte every 20 ms: never silent, never done. */
function trickle(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}
