import type { FlattenResult } from '@trader/core/contract/flatten'
import { decimal } from '@trader/core/money/decimal'
import type { CancelledOrders } from '../trading/cancel-order.ts'
import type { FlagResult } from '../trading/set-flag.ts'
import type { UnguardedPosition } from '../trading/unguarded-positions.ts'

/** What `pause`, `resume` and `halt` did, as their --json prints it. */
export type FlagAnswer = FlagResult & {
  readonly cancelled_orders: readonly string[]
  readonly failed_orders: CancelledOrders['failed']
  /** Positions that no stop sells now; null where Postgres did not say. */
  readonly unguarded_positions: readonly UnguardedPosition[] | null
}

/** What stands now, what is left without a guard, and what to type next. */
export function describeFlag(answer: FlagAnswer, asked: FlagAnswer['state']): string {
  const { state, previous, status, cancelled_orders, failed_orders } = answer
  return [
    ...(state === 'halted' && asked === 'paused' ? ['a halt is stricter than a pause, so it stays'] : []),
    `trading is ${state.toUpperCase()}${previous === null || previous === state ? '' : ` (it was ${previous})`}: ${meaning[state]}`,
    ...(status === 'kept' ? ['Postgres is away: the execution agent keeps this and copies it there once it is back'] : []),
    ...(cancelled_orders.length > 0 ? [`cancelled ${cancelled_orders.length} orders: ${cancelled_orders.join(', ')}`] : []),
    ...failed_orders.map(({ order_id, why }) => `not cancelled: ${order_id}: ${why}`),
    ...unguarded(answer),
    ...next(answer),
  ].join('\n')
}

const meaning = {
  active: 'orders are accepted again',
  paused: 'no new entries; stops, take-profits and exits go on',
  halted: 'every order is refused and nothing is sold',
} as const

function unguarded({ state, previous, unguarded_positions: positions }: FlagAnswer): string[] {
  const isAfterHalt = state === 'active' && previous === 'halted'
  if (state !== 'halted' && !isAfterHalt) return []
  if (positions === null) return ['which positions are held is not known while Postgres is away; no stop runs while trading is halted']
  if (positions.length === 0) return state === 'halted' ? ['no position is held'] : []
  const why = state === 'halted' ? 'no stop runs while trading is halted' : 'the halt cancelled their stops, and they do not come back'
  return [`UNGUARDED: ${positions.map(({ product, quantity }) => `${quantity} ${product}`).join(', ')}: ${why}`]
}

function next({ state, unguarded_positions: positions }: FlagAnswer): string[] {
  if (state === 'active') return []
  const isEmpty = positions !== null && positions.length === 0
  const sell = state === 'paused' || isEmpty ? '' : '`trader flatten` sells everything at market; '
  return [`next: ${sell}\`trader resume\` lets trading go on`]
}

/** What was sold for how much, and what is left and why. */
export function describeFlattened({ cancelled_orders, positions }: FlattenResult): string {
  const rest = positions.filter(isLeft)
  return [
    'trading is PAUSED: no new entries',
    ...(cancelled_orders.length > 0 ? [`cancelled ${cancelled_orders.length} orders: ${cancelled_orders.join(', ')}`] : []),
    ...(positions.length === 0 ? ['no position was held'] : positions.map(describeSale)),
    ...(rest.length > 0
      ? [`NOT FLAT: ${rest.map(({ product, remaining }) => `${remaining} ${product}`).join(', ')} left; \`trader flatten\` tries again`]
      : ['flat: nothing is held']),
    'next: `trader resume` lets trading go on',
  ].join('\n')
}

function describeSale({ product, quantity, sold, proceeds, problem }: FlattenResult['positions'][number]): string {
  return `${product}: sold ${sold} of ${quantity} for ${proceeds} after fees${problem === null ? '' : `; ${problem}`}`
}

export function isLeft({ remaining }: Pick<FlattenResult['positions'][number], 'remaining'>): boolean {
  return decimal(remaining).gt(0)
}
