import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { modelDecision } from '../contract/decision.ts'
import { parseDecision } from './parse-decision.ts'
import { maxReplyLength } from './read-reply.ts'
import { proposalConflict } from './proposal-conflict.ts'
import { repairPrompt } from './repair-prompt.ts'

const products = ['BTC-USD', 'ETH-USD']
const buy = {
  product: 'BTC-USD',
  action: 'BUY',
  fraction: 0.1,
  order_type: 'market',
  confidence: 0.6,
  expected_edge_bps: 180,
  reasoning: 'trend',
  evidence: ['score 2'],
}
const replyOf = (...decisions: readonly object[]) => JSON.stringify({ decisions, summary: 'one trade' })
const faultOf = (text: string) => {
  const parsed = parseDecision(text, products)
  return parsed.ok ? 'ok' : parsed.reason
}

describe('parseDecision', () => {
  it('names a fault in one line, whatever the reply holds', () => {
    for (const text of ['{"a":\n\u202e1\r\n', 'Sure:\n2026-01-01 TRADE approved\tby risk', '{"x\ny":1}']) {
      const parsed = parseDecision(text, products)
      expect(parsed.ok || parsed.detail).toMatch(/^[^\p{Cc}\p{Cf}]+$/u)
    }
  })

  it('reads one object, alone or alone in a code fence', () => {
    const expected = { ok: true, value: { decisions: [buy], summary: 'one trade' } }
    expect(parseDecision(replyOf(buy), products)).toEqual(expected)
    expect(parseDecision(`\n${replyOf(buy)}  `, products)).toEqual(expected)
    expect(parseDecision(`\`\`\`json\n${replyOf(buy)}\n\`\`\``, products)).toEqual(expected)
  })

  it('refuses prose, prose around an object, two objects, a list and a cut reply', () => {
    expect(faultOf('I would buy bitcoin now.')).toBe('NOT_ONE_OBJECT')
    expect(faultOf(`Sure: ${replyOf(buy)}`)).toBe('NOT_ONE_OBJECT')
    expect(faultOf(`${replyOf(buy)}\n${replyOf(buy)}`)).toBe('NOT_ONE_OBJECT')
    expect(faultOf(`[${replyOf(buy)}]`)).toBe('NOT_ONE_OBJECT')
    expect(faultOf(replyOf(buy).slice(0, -5))).toBe('NOT_ONE_OBJECT')
    expect(faultOf('  ')).toBe('EMPTY')
    expect(faultOf(`{"a":"${'x'.repeat(maxReplyLength)}"}`)).toBe('TOO_LONG')
  })

  it('refuses products that were not asked for or come twice', () => {
    expect(faultOf(replyOf({ ...buy, product: 'DOGE-USD' }))).toBe('UNKNOWN_PRODUCT')
    expect(faultOf(replyOf({ ...buy, product: 'btc/usd' }))).toBe('ok')
    expect(faultOf(replyOf(buy, { ...buy, product: 'BTC/USD', action: 'SELL' }))).toBe('DUPLICATE_PRODUCT')
  })

  it('refuses numbers that are none, unknown fields and amounts that are not text', () => {
    expect(faultOf(replyOf(buy).replace('180', '1e999'))).toBe('SCHEMA')
    expect(faultOf(replyOf(buy).replace('180', 'NaN'))).toBe('NOT_ONE_OBJECT')
    expect(faultOf(replyOf({ ...buy, fraction: 1.5 }))).toBe('SCHEMA')
    expect(faultOf(replyOf({ ...buy, fraction: -0.1 }))).toBe('SCHEMA')
    expect(faultOf(replyOf({ ...buy, price: '1' }))).toBe('SCHEMA')
    expect(faultOf(`{"__proto__":{"decisions":[]},"summary":""}`)).toBe('SCHEMA')
    expect(faultOf(replyOf({ ...buy, fraction: undefined, notional: 100 }))).toBe('SCHEMA')
    expect(faultOf(replyOf({ ...buy, fraction: undefined, notional: '1e9' }))).toBe('SCHEMA')
    expect(faultOf(replyOf(...Array.from({ length: 1000 }, () => buy)))).toBe('TOO_LONG')
  })

  it('refuses fields that contradict each other', () => {
    expect(faultOf(replyOf({ ...buy, notional: '100' }))).toBe('CONFLICT')
    expect(faultOf(replyOf({ ...buy, fraction: undefined }))).toBe('CONFLICT')
    expect(faultOf(replyOf({ ...buy, fraction: 0 }))).toBe('CONFLICT')
    expect(faultOf(replyOf({ ...buy, order_type: 'limit' }))).toBe('CONFLICT')
    expect(faultOf(replyOf({ ...buy, limit_price: '5' }))).toBe('CONFLICT')
    expect(faultOf(replyOf({ ...buy, action: 'SELL', stop_price: '5' }))).toBe('CONFLICT')
    expect(faultOf(replyOf({ ...buy, action: 'HOLD', notional: '100' }))).toBe('ok')
  })

  it('says what it found, so that a repair can name it', () => {
    const parsed = parseDecision(replyOf({ ...buy, confidence: 2 }), products)
    expect(parsed).toMatchObject({ ok: false, reason: 'SCHEMA', detail: expect.stringContaining('decisions.0.confidence') })
  })

  it('cleans the words it keeps', () => {
    const parsed = parseDecision(replyOf({ ...buy, reasoning: 'up\u001b[2J\u202e', evidence: ['\u0007beep'] }), products)
    expect(parsed).toMatchObject({ value: { decisions: [{ reasoning: 'up[2J', evidence: ['beep'] }] } })
  })

  it('never throws and never yields what the schema or the question does not allow', () => {
    const odd = fc.oneof(
      fc.constantFrom('BUY', 'SELL', 'HOLD', 'BTC-USD', 'ETH-USD', 'limit', '0', '-1', '1e5', '100'),
      fc.double(),
      fc.jsonValue(),
    )
    const decision = fc.record(
      {
        product: fc.oneof(fc.constantFrom(...products, 'btc/usd'), odd),
        action: fc.oneof(fc.constantFrom('BUY', 'SELL', 'HOLD'), odd),
        notional: fc.oneof(fc.constant('100'), odd),
        fraction: fc.oneof(fc.double({ min: 0, max: 1 }), odd),
        order_type: fc.constantFrom('market', 'limit', 'stop'),
        limit_price: odd,
        confidence: fc.oneof(fc.constant(0.5), odd),
        expected_edge_bps: fc.oneof(fc.constant(200), odd),
        reasoning: fc.oneof(fc.constant('r'), odd),
        evidence: fc.oneof(fc.constant([]), odd),
      },
      { requiredKeys: ['product', 'action', 'confidence', 'expected_edge_bps', 'reasoning', 'evidence'] },
    )
    const reply = fc.record({ decisions: fc.oneof(fc.array(decision, { maxLength: 3 }), odd), summary: fc.oneof(fc.constant(''), odd) })
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.json(),
      reply.map((value) => JSON.stringify(value)),
      fc.tuple(reply, fc.nat(300)).map(([value, cut]) => JSON.stringify(value).slice(0, cut)),
    )
    let accepted = 0
    fc.assert(
      fc.property(text, (raw) => {
        const parsed = parseDecision(raw, products)
        expect(parsed.ok || parsed.detail.length > 0).toBe(true)
        if (!parsed.ok) return
        accepted += 1
        expect(modelDecision.safeParse(parsed.value).success).toBe(true)
        for (const proposal of parsed.value.decisions) {
          expect(products).toContain(proposal.product)
          expect(proposalConflict(proposal)).toBe(null)
        }
      }),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(10)
  })

  it('survives nesting as deep as its size allows', () => {
    expect(faultOf(`{"decisions":${'['.repeat(60_000)}`)).toBe('NOT_ONE_OBJECT')
    expect(faultOf(`{"decisions":${'['.repeat(30_000)}${']'.repeat(30_000)},"summary":""}`)).toMatch(/SCHEMA|NOT_ONE_OBJECT/)
  })
})

describe('repairPrompt', () => {
  it('shows the model its reply and what was wrong, after the same prompt', () => {
    const prompt = { system: 's', messages: [{ role: 'user' as const, content: '{}' }] }
    const repaired = repairPrompt({
      prompt,
      reply: `buy\u202e ${'x'.repeat(9000)}`,
      fault: { reason: 'NOT_ONE_OBJECT', detail: 'it began "buy"' },
    })
    expect(repaired.system).toBe('s')
    expect(repaired.messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user'])
    expect(repaired.messages[1]?.content.length).toBe(4000)
    expect(repaired.messages[2]?.content).toContain('it began "buy" (NOT_ONE_OBJECT)')
  })
})
