import { Transform } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { serveStdio, StdioServerTransport, type StdioServerHandle } from '@modelcontextprotocol/server/stdio'
import type { Scope } from '../access/scope.ts'
import { describeError } from '../exit-code.ts'
import { jsonRpcError, maxMessageBytes, readMessage, type JsonRpcError } from './read-message.ts'
import { mcpServerFactory } from './server.ts'
import type { ToolServices } from './tool-context.ts'

/** Serves the tools to the program that started us. Stdout carries the protocol and nothing else. */
export function serveMcpStdio(services: ToolServices, scope: Scope): StdioServerHandle {
  const { log } = services
  const refuse = (error: JsonRpcError): boolean => process.stdout.write(`${JSON.stringify(error)}\n`)
  const checked = process.stdin.pipe(onlyGoodMessages(refuse))
  return serveStdio(
    mcpServerFactory(services, () => ({ name: 'stdio', scope })),
    {
      transport: new StdioServerTransport(checked, process.stdout, { maxBufferSize: 2 * maxMessageBytes }),
      onerror: (error) => log({ level: 'warn', error: describeError(error) }),
    },
  )
}

/** Lets lines through that are acceptable messages and answers the others itself. */
export function onlyGoodMessages(refuse: (error: JsonRpcError) => void): Transform {
  // A character may be cut in two by a chunk.
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const acceptable = (line: string): boolean => {
    if (line.trim() === '') return false
    const read = readMessage(line)
    if (!read.ok) refuse(read.error)
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
  })
}
