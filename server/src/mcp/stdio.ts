import { Transform, Writable, type Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { StringDecoder } from 'node:string_decoder'
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import type { Scope } from '../access/scope.ts'
import { describeError } from '../exit-code.ts'
import { OpenRequests } from './open-requests.ts'
import { jsonRpcError, maxMessageBytes, readMessage, type JsonRpcError } from './read-message.ts'
import { mcpServerFactory } from './server.ts'
import type { ToolServices } from './tool-context.ts'

/** A little longer than any call may take. */
const lastAnswerWithinMs = 50_000

export interface StdioSession {
  /** Resolves when the input has ended and every request in it is answered. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/** Serves the tools to the program that started us. Stdout carries the protocol and nothing else. */
export function serveMcpStdio(
  services: ToolServices,
  { scope, input = process.stdin, output = process.stdout }: { scope: Scope; input?: Readable; output?: Writable },
): StdioSession {
  const { log } = services
  const requests = new OpenRequests()
  const refuse = (error: JsonRpcError): boolean => output.write(`${JSON.stringify(error)}\n`)
  // The SDK drops what is running when its input ends, so it sees the end only once all is answered.
  const checked = goodMessages({
    refuse,
    onMessage: (message) => requests.asked(message),
    beforeEnd: () => requests.allAnswered(lastAnswerWithinMs),
  })
  input.pipe(checked)
  input.once('close', () => checked.end())
  const handle = serveStdio(
    mcpServerFactory(services, () => ({ name: 'stdio', scope })),
    {
      transport: new StdioServerTransport(
        checked,
        watched(output, (text) => requests.answered(text)),
        { maxBufferSize: 2 * maxMessageBytes },
      ),
      onerror: (error) => log({ level: 'warn', error: describeError(error) }),
    },
  )
  // A message that was too long ends the session too; it has been answered.
  const ended = finished(checked, { writable: false }).catch(() => {})
  return { ended, close: () => handle.close() }
}

/** Writes on to `output`, once `onWrite` has seen it. */
function watched(output: Writable, onWrite: (text: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      output.write(chunk, (error) => {
        onWrite(chunk.toString('utf8'))
        done(error)
      })
    },
  })
}

/** Lets lines through that are acceptable messages and answers the others itself. */
export function goodMessages(options: {
  refuse: (error: JsonRpcError) => void
  onMessage?: (message: unknown) => void
  /** Waited for after the last message, before the end is handed on. */
  beforeEnd?: () => Promise<void>
}): Transform {
  const { refuse, onMessage = () => {}, beforeEnd = () => Promise.resolve() } = options
  // A character may be cut in two by a chunk.
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const acceptable = (line: string): boolean => {
    if (line.trim() === '') return false
    const read = readMessage(line)
    if (read.ok) onMessage(read.message)
    else refuse(read.error)
    return read.ok
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > maxMessageBytes) {
        refuse(jsonRpcError({ code: -32_600, message: `a message may have at most ${maxMessageBytes} bytes` }))
        done(new Error(`a message of more than ${maxMessageBytes} bytes`))
        return
      }
      const good = lines.filter(acceptable).map((line) => `${line}\n`)
      done(null, Buffer.from(good.join('')))
    },
    flush(done) {
      // The last line may lack its line feed.
      if (acceptable(rest)) this.push(`${rest}\n`)
      void (async () => {
        await beforeEnd()
        done()
      })()
    },
  })
}
