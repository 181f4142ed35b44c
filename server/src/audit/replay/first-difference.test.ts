import { describe, expect, it } from 'vitest'
import type { Command } from './command.ts'
import { firstDifference, valueDifference } from './first-difference.ts'

const payload = (value: unknown) => ({ encoding: 'json/plain', payload: JSON.stringify(value) })

function activity(id: number, name: string, input: unknown = null, task = 3): Command {
  return { kind: 'activity', id: String(id), name, content: { input: [payload(input)], start_to_close_ms: 5000 }, task }
}

const [one, two, three] = [activity(1, 'gather'), activity(2, 'ask'), activity(3, 'save')] as const

describe('the first difference', () => {
  it('is none between the same commands', () => {
    expect(firstDifference([one, two], [activity(1, 'gather'), activity(2, 'ask')])).toBeNull()
  })

  it('is named by its place inside a payload', () => {
    const [was, is] = [activity(1, 'gather', { orders: [{ quantity: '1' }] }), activity(1, 'gather', { orders: [{ quantity: '2' }] })]
    expect(firstDifference([was], [is])).toEqual({ path: 'activity 1 gather, input[0].orders[0].quantity', recorded: '1', replayed: '2' })
  })

  it('is a field that came or went', () => {
    expect(valueDifference(payload({ a: 1 }), payload({ a: 1, b: null }), 'x')).toEqual({
      path: 'x.b',
      recorded: '(absent)',
      replayed: null,
    })
  })

  it('is the bytes where the same JSON is written otherwise', () => {
    const [was, is] = [payload({ a: 1, b: 2 }), payload({ b: 2, a: 1 })]
    expect(valueDifference(was, is, 'result')).toEqual({ path: 'result.bytes', recorded: was.payload, replayed: is.payload })
  })

  it('is the place in a long text, and inside a long text that is JSON', () => {
    const long = 'x'.repeat(500)
    expect(valueDifference(payload(`${long}a`), payload(`${long}b`), 'prompt')).toEqual({
      path: 'prompt, from character 501',
      recorded: `${'x'.repeat(40)}a`,
      replayed: `${'x'.repeat(40)}b`,
    })
    const text = (price: number): string => JSON.stringify({ long, ticks: [{ price }] })
    expect(valueDifference(payload(text(1)), payload(text(2)), 'prompt')).toEqual({
      path: 'prompt.ticks[0].price',
      recorded: 1,
      replayed: 2,
    })
  })

  it('is a step that was left out, or added, or put in place of another', () => {
    expect(firstDifference([one, two, three], [one, activity(2, 'save')])).toEqual({
      path: 'command 2 of 3, left out',
      recorded: 'activity 2 ask',
      replayed: null,
    })
    expect(firstDifference([one, three], [one, activity(2, 'look'), three])).toEqual({
      path: 'command 2 of 2, added',
      recorded: null,
      replayed: 'activity 2 look',
    })
    expect(firstDifference([one, two], [one, activity(2, 'look')])).toEqual({
      path: 'command 2 of 2',
      recorded: 'activity 2 ask',
      replayed: 'activity 2 look',
    })
    expect(firstDifference([one, two], [one])).toEqual({ path: 'command 2 of 2', recorded: 'activity 2 ask', replayed: null })
    expect(firstDifference([one], [one, two])).toEqual({ path: 'command 2 of 1, added', recorded: null, replayed: 'activity 2 ask' })
  })

  it('is the moment, where the same step comes in another workflow task', () => {
    const late = activity(1, 'gather', null, 9)
    expect(firstDifference([one], [late])).toEqual({ path: 'activity 1 gather, workflow task begun at event', recorded: 3, replayed: 9 })
  })
})
