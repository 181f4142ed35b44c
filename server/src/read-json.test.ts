import { describe, expect, it } from 'vitest'
import { readJson, tooLargeNumber } from './read-json.ts'

const problemOf = (text: string): string | undefined => {
  const read = readJson(text)
  return read.ok ? undefined : read.problem
}

describe('JSON of somebody else', () => {
  it('is read as it is', () => {
    expect(readJson('{"orders":[{"quantity":"1"}],"note":"__proto__ and NaN"}')).toEqual({
      ok: true,
      value: { orders: [{ quantity: '1' }], note: '__proto__ and NaN' },
    })
  })

  it.each([
    ['{"__proto__":{}}', '__proto__ is not allowed as the name of a field'],
    ['{"orders":[{"\\u005f_proto__":1}]}', 'orders[0].__proto__ is not allowed as the name of a field'],
    ['{"a":{"constructor":1}}', 'a.constructor is not allowed as the name of a field'],
    ['[{"prototype":1}]', '[0].prototype is not allowed as the name of a field'],
    ['{"orders":[{"quantity":"1","quantity":"100"}]}', 'quantity is given twice'],
    ['{"quantity":NaN}', 'NaN is not a number that JSON has'],
    ['{"quantity":-Infinity}', '-Infinity is not a number that JSON has'],
    ['{"quantity":1,}', 'not JSON, from character 15 on'],
    ['not json', 'not JSON'],
    ['', 'not JSON'],
    ['['.repeat(100_000) + ']'.repeat(100_000), 'the input is nested more than 64 deep'],
  ])('%.40s: %s', (text, problem) => {
    expect(problemOf(text)).toBe(problem)
  })

  it('knows the number that was too large to stay one', () => {
    expect(tooLargeNumber(JSON.parse('{"orders":[{"quantity":1e309}]}'))).toBe('orders[0].quantity is a number too large to be one')
    expect(tooLargeNumber(JSON.parse('{"quantity":-1e309}'))).toBe('quantity is a number too large to be one')
    expect(tooLargeNumber(JSON.parse('{"quantity":1e308}'))).toBeUndefined()
  })
})
