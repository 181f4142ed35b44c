import { describe, expect, it } from 'vitest'
import { OpenRequests } from './open-requests.ts'

const call = (id: unknown, method = 'tools/call') => ({ jsonrpc: '2.0', id, method })
const answer = (id: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result: {} })

/** Whether nothing is open, asked after everything that is due has run. */
async function isDone(requests: OpenRequests): Promise<boolean> {
  let done = false
  void requests.allAnswered(60_000).then(() => (done = true))
  await new Promise((resolve) => setImmediate(resolve))
  return done
}

describe('the requests of a connection', () => {
  it('are open until each has its answer', async () => {
    const requests = new OpenRequests()
    expect(await isDone(requests)).toBe(true)
    requests.asked(call(1))
    requests.asked(call('two'))
    requests.answered(answer(1))
    expect(await isDone(requests)).toBe(false)
    requests.answered(answer('two'))
    expect(await isDone(requests)).toBe(true)
  })

  it('are over when they are cancelled', async () => {
    const requests = new OpenRequests()
    requests.asked(call(1))
    requests.asked({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
    expect(await isDone(requests)).toBe(true)
  })

  it.each([
    [call(1, 'subscriptions/listen')],
    [{ jsonrpc: '2.0', method: 'notifications/initialized' }],
    [{ id: 1, method: 'x' }],
    ['text'],
    [null],
  ])('are not %j, which nobody answers', async (message) => {
    const requests = new OpenRequests()
    requests.asked(message)
    expect(await isDone(requests)).toBe(true)
  })

  it('are waited for no longer than it makes sense', async () => {
    const requests = new OpenRequests()
    requests.asked(call(1))
    await expect(requests.allAnswered(5)).resolves.toBeUndefined()
  })
})
