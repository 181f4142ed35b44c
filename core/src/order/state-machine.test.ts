import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { orderState, type OrderState } from '../contract/order.ts'
import { adoptAbsent, holdsFunds, isOpen, isTerminal, move, openStates } from './state-machine.ts'

const after = (...states: OrderState[]): OrderState => states.reduce((from, to) => (move({ from, to }).ok ? to : from))
const reason = (from: OrderState, to: OrderState): string | undefined => {
  const result = move({ from, to })
  return result.ok ? undefined : result.reason
}

describe('order state machine', () => {
  it('takes a market order from proposal to filled', () => {
    expect(after('PROPOSED', 'RESERVED', 'SENT', 'WORKING', 'PARTIAL', 'PARTIAL', 'FILLED')).toBe('FILLED')
  })

  it('arms an exit without funds and reserves them when it triggers', () => {
    expect(after('PROPOSED', 'ARMED', 'RESERVED', 'SENT', 'WORKING', 'FILLED')).toBe('FILLED')
    expect(holdsFunds('ARMED')).toBe(false)
    expect(holdsFunds('RESERVED')).toBe(true)
    expect([after('ARMED', 'CANCELLED'), after('ARMED', 'ABORTED')]).toEqual(['CANCELLED', 'ABORTED'])
    expect(reason('ARMED', 'FILLED')).toBe('ILLEGAL')
  })

  it('ignores a late WORKING after FILLED, and after a partial fill', () => {
    expect(reason('FILLED', 'WORKING')).toBe('LATE')
    expect(reason('PARTIAL', 'WORKING')).toBe('LATE')
    expect(reason('CANCELLED', 'FILLED')).toBe('LATE')
  })

  it('refuses to skip the reservation', () => {
    expect(move({ from: 'PROPOSED', to: 'SENT' })).toEqual({
      ok: false,
      reason: 'ILLEGAL',
      detail: 'an order may not go from PROPOSED to SENT',
    })
    expect(reason('RESERVED', 'FILLED')).toBe('ILLEGAL')
  })

  it('sends the same order again only from a state that proves it never arrived', () => {
    const back = orderState.options.filter((from) => from !== 'RESERVED' && move({ from, to: 'RESERVED' }).ok)
    expect(back).toEqual(['PROPOSED', 'ARMED', 'SENT', 'UNKNOWN'])
  })

  it('lets a fill win against a cancel that is under way', () => {
    expect(after('WORKING', 'PENDING_CANCEL', 'FILLED')).toBe('FILLED')
  })

  it('adopts a tombstone only as something a venue can show', () => {
    expect(adoptAbsent('FILLED')).toEqual({ ok: true, state: 'FILLED' })
    for (const state of ['RESERVED', 'PROPOSED', 'PRESUMED_ABSENT', 'DENIED'] as const) expect(adoptAbsent(state).ok).toBe(false)
  })

  it('calls every state proposed, open or over', () => {
    for (const state of orderState.options) expect([state === 'PROPOSED', isOpen(state), isTerminal(state)].filter(Boolean)).toHaveLength(1)
    expect(openStates).toEqual(['ARMED', 'RESERVED', 'SENT', 'WORKING', 'PARTIAL', 'PENDING_CANCEL', 'UNKNOWN', 'CONFLICT'])
  })

  it('never leaves a terminal state, holds before it sends, and releases exactly once, whatever the news', () => {
    const news = fc.array(
      fc.constantFrom(...orderState.options).map((to) => new Hear(to)),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(news, (commands) =>
        fc.modelRun(() => ({ model: { hadHold: false, over: null }, real: { state: 'PROPOSED' } }), commands),
      ),
    )
  })
})

interface Model {
  hadHold: boolean
  over: OrderState | null
}

/** News of an order; the model knows only what must always be true. */
class Hear implements fc.Command<Model, { state: OrderState }> {
  readonly to: OrderState
  constructor(to: OrderState) {
    this.to = to
  }
  check(): boolean {
    return true
  }
  run(model: Model, real: { state: OrderState }): void {
    const result = move({ from: real.state, to: this.to })
    if (model.over !== null) {
      expect(result.ok).toBe(this.to === model.over)
      return
    }
    if (!result.ok) return
    real.state = result.state
    const needsHold: readonly OrderState[] = ['SENT', 'WORKING', 'PARTIAL', 'PENDING_CANCEL', 'UNKNOWN', 'FILLED', 'EXPIRED', 'CONFLICT']
    if (needsHold.includes(result.state)) expect(model.hadHold).toBe(true)
    if (holdsFunds(result.state)) model.hadHold = true
    if (isTerminal(result.state)) model.over = result.state
  }
  toString(): string {
    return `hear ${this.to}`
  }
}
