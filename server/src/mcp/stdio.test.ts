import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { maxMessageBytes, type JsonRpcError } from './read-message.ts'
import { goodMessages } from './stdio.ts'

/** What comes out, what is answered, and whether the stream ended in an error. */
async function through(chunks: readonly Buffer[]): Promise<{ passed: string; refused: JsonRpcError[]; failed: boolean }> {
  const refused: JsonRpcError[] = []
  const stream = goodMessages({ refuse: (error) => refused.push(error) })
  const passed: Buffer[] = []
  stream.on('data', (chunk: Buffer) => passed.push(chunk))
  const end = new Promise<boolean>((resolve) => {
    stream.once('end', () => resolve(false))
    stream.once('error', () => resolve(true))
  })
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  const failed = await end
  return { passed: Buffer.concat(passed).toString(), refused, failed }
}

describe('the messages that come over stdin', () => {
  it('pass as they are, however they are cut', async () => {
    const text = '{"id":1,"text":"§ 1 €"}\n{"id":2}\n'
    const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]))
    expect(await through(bytes)).toEqual({ passed: text, refused: [], failed: false })
  })

  it('are answered and dropped where they are no JSON or carry a forbidden key', async () => {
    const { passed, refused } = await through([Buffer.from('hello\n{"id":5,"a":{"__proto__":1}}\n\n{"id":6}\n')])
    expect(passed).toBe('{"id":6}\n')
    expect(refused.map(({ id, error }) => [id, error.code])).toEqual([
      [null, -32_700],
      [5, -32_602],
    ])
  })

  it('count to the last line, also where it has no line feed', async () => {
    expect((await through([Buffer.from('{"id":1}\n{"id":2}')])).passed).toBe('{"id":1}\n{"id":2}\n')
  })

  it('end only after what has to be waited for', async () => {
    const gate = Promise.withResolvers<void>()
    const stream = goodMessages({ refuse: () => {}, beforeEnd: () => gate.promise }).resume()
    let isOver = false
    stream.once('end', () => (isOver = true))
    stream.end('{"id":1}\n')
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOver).toBe(false)
    gate.resolve()
    await once(stream, 'end')
  })

  it('end the connection where one is longer than allowed', async () => {
    const { passed, refused, failed } = await through([Buffer.from('x'.repeat(maxMessageBytes + 1))])
    expect({ passed, failed }).toEqual({ passed: '', failed: true })
    expect(refused).toMatchObject([{ error: { code: -32_600 } }])
  })
})
