import { describe, expect, it } from 'vitest'
import { ExitError } from '../exit-code.ts'
import { fractionValue, idText, instant, lifetime, scopeName, shortText, timeframeLength, wholeNumber } from './option-values.ts'

const limit = wholeNumber('--limit', { from: 1, to: 1000 })
const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  limit,
  run: idText('--run', 'the id of a run'),
  reason: shortText('--reason', 5),
  scope: scopeName,
  expires: lifetime,
  fraction: fractionValue,
  from: instant('--from'),
  timeframe: timeframeLength,
}

describe('what stands after an option', () => {
  it.each([
    ['limit', '1', 1],
    ['limit', '1000', 1000],
    ['run', '20260101-120000-ab12', '20260101-120000-ab12'],
    ['reason', ' why ', 'why'],
    ['scope', 'trade', 'trade'],
    ['expires', '30d', 2_592_000_000],
    ['expires', 'never', 'never'],
    ['fraction', '0', 0],
    ['fraction', '1', 1],
    ['fraction', '1.0', 1],
    ['fraction', '.5', 0.5],
    ['fraction', '0.12345678', 0.12345678],
    ['from', '2018-04-04', 1_522_800_000_000],
    ['from', '2018-04-04T00:01Z', 1_522_800_060_000],
    ['timeframe', '4h', 14_400_000],
  ])('%s %j is %j', (name, text, value) => {
    expect(parsers[name]?.(text)).toBe(value)
  })

  it.each([
    ...['abc', '-1', '0', '1001', '1.5', '1e3', '0x10', ' 5', '', 'NaN', 'Infinity', '9'.repeat(400)].map((text) => ['limit', text]),
    ...['', 'a b', '../x', "'; drop table run; --", 'x'.repeat(300)].map((text) => ['run', text]),
    ...['', '   ', 'too long', '\uD800'].map((text) => ['reason', text]),
    ...['', 'all', 'READ', 'read,trade'].map((text) => ['scope', text]),
    ...['', 'today', '2018-13-01', '04/04/2018'].map((text) => ['from', text]),
    ...['', '7m', '60000', 'toString'].map((text) => ['timeframe', text]),
    ...['', '0d', '-1d', '30', '1w', 'soon', '1e3d'].map((text) => ['expires', text]),
    ...['', '.', '-0.1', '1.1', '2', '7', '1e-1', 'half', 'NaN', '0.123456789', '50%'].map((text) => ['fraction', text]),
  ])('%s %j is refused as usage, with what was found', (name, text) => {
    let refusal: unknown
    try {
      parsers[name ?? '']?.(text ?? '')
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(ExitError)
    expect(refusal).toMatchObject({ exitCode: 2, message: expect.stringContaining('must be') })
    if (text !== undefined && text.length < 60) expect(String(refusal)).toContain(JSON.stringify(text))
  })
})
