import { orderState, type OrderState } from '../contract/order.ts'

/**
 * The legal moves of every order, paper or live. PROPOSED, ARMED and the terminal states hold no funds; all others do.
 * ARMED is a stop or take-profit that waits for its trigger. A CONFLICT is resolved by the operator.
 */
export const legalMoves: Readonly<Record<OrderState, readonly OrderState[]>> = {
  PROPOSED: ['DENIED', 'ARMED', 'RESERVED'],
  ARMED: ['RESERVED', 'CANCELLED', 'ABORTED'],
  RESERVED: ['SENT', 'ABORTED'],
  SENT: ['RESERVED', 'WORKING', 'PARTIAL', 'PENDING_CANCEL', 'UNKNOWN', 'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'FAILED'],
  UNKNOWN: ['RESERVED', 'WORKING', 'PARTIAL', 'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'FAILED', 'PRESUMED_ABSENT', 'CONFLICT'],
  WORKING: ['PARTIAL', 'PENDING_CANCEL', 'FILLED', 'CANCELLED', 'EXPIRED', 'FAILED'],
  PARTIAL: ['PENDING_CANCEL', 'FILLED', 'CANCELLED', 'EXPIRED', 'FAILED'],
  PENDING_CANCEL: ['WORKING', 'PARTIAL', 'FILLED', 'CANCELLED', 'EXPIRED', 'FAILED'],
  CONFLICT: ['FILLED', 'CANCELLED', 'FAILED'],
  DENIED: [],
  ABORTED: [],
  FILLED: [],
  CANCELLED: [],
  EXPIRED: [],
  REJECTED: [],
  FAILED: [],
  PRESUMED_ABSENT: [],
}

/** How far along an order is. News of a lower rank is late, not wrong. */
const rank: Readonly<Record<OrderState, number>> = {
  PROPOSED: 0,
  ARMED: 1,
  RESERVED: 2,
  SENT: 3,
  UNKNOWN: 3,
  WORKING: 4,
  PARTIAL: 5,
  PENDING_CANCEL: 5,
  CONFLICT: 6,
  DENIED: 7,
  ABORTED: 7,
  FILLED: 7,
  CANCELLED: 7,
  EXPIRED: 7,
  REJECTED: 7,
  FAILED: 7,
  PRESUMED_ABSENT: 7,
}

export type Move =
  | { readonly ok: true; readonly state: OrderState }
  | { readonly ok: false; readonly reason: 'LATE' | 'ILLEGAL'; readonly detail: string }

/**
 * The state after news of an order. LATE: an older fact arrived after a newer one (WORKING after FILLED, or any news of
 * an order that is over); log and ignore it. ILLEGAL: no order may do this. Repeating the present state is no move.
 */
export function move({ from, to }: { from: OrderState; to: OrderState }): Move {
  if (from === to || legalMoves[from].includes(to)) return { ok: true, state: to }
  if (isTerminal(from) || rank[to] < rank[from]) return { ok: false, reason: 'LATE', detail: `an order that is ${from} ignores ${to}` }
  return { ok: false, reason: 'ILLEGAL', detail: `an order may not go from ${from} to ${to}` }
}

/** What a tombstone becomes when the venue shows its order after all: the one way out of a terminal state; raise an alarm. */
export function adoptAbsent(found: OrderState): Move {
  const isFound = legalMoves.UNKNOWN.includes(found) && found !== 'RESERVED' && found !== 'PRESUMED_ABSENT'
  if (isFound) return { ok: true, state: found }
  return { ok: false, reason: 'ILLEGAL', detail: `a PRESUMED_ABSENT order cannot be found as ${found}` }
}

/** Over: the hold is released and no move leads on. */
export function isTerminal(state: OrderState): boolean {
  return legalMoves[state].length === 0
}

/** Accepted and not over: waiting for its trigger, holding funds or perhaps at the venue. */
export function isOpen(state: OrderState): boolean {
  return state !== 'PROPOSED' && !isTerminal(state)
}

/** Whether an order in this state has a hold on its wallet. */
export function holdsFunds(state: OrderState): boolean {
  return isOpen(state) && state !== 'ARMED'
}

export const openStates: readonly OrderState[] = orderState.options.filter(isOpen)
