import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { duplicateName } from './duplicate-name.ts'

describe('a name that an object has twice', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"b":{"c":[{"d":1,"d":1}]}}', 'd'],
    ['{ "a" : 1 , "\\u0061" : 2 }', 'a'],
    ['[{"a":1},{"a":{"x":1}, "a":{}}]', 'a'],
    ['{"a\\"b":1,"a\\"b":2}', 'a"b'],
    ['{"":1,\n"":2}', ''],
  ])('of %s is %j', (json, name) => {
    expect(duplicateName(json)).toBe(name)
  })

  it.each([
    '{"a":1,"b":1}',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":"a"}}}',
    '{"a":"b","b":"a"}',
    '"a"',
    '1',
    '{"x":"{\\"a\\":1,\\"a\\":2}"}',
  ])('is not in %s', (json) => {
    expect(duplicateName(json)).toBeUndefined()
  })

  it('is in no text that JSON.stringify wrote, and in each in which one object repeats its first name', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(duplicateName(JSON.stringify(value))).toBeUndefined()
        expect(duplicateName(JSON.stringify(value, null, 2))).toBeUndefined()
      }),
    )
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (name, first, second) => {
        const [key, one, two] = [JSON.stringify(name), JSON.stringify(first), JSON.stringify(second)]
        expect(duplicateName(`[[],{${key}:${one},${key}:${two}}]`)).toBe(name)
      }),
    )
  })
})
