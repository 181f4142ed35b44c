import { Decimal } from '../money/decimal.ts'
import type { Policy } from '../contract/prompt-version.ts'
import type { Preferences } from '../contract/preferences.ts'
import type { RiskLimits } from './limits.ts'

/** A bound and who set it. */
export interface Bound {
  readonly value: number
  readonly source: 'limits' | 'policy' | 'preferences'
}

/**
 * How far a policy may go beyond the user's comfort and into the reserve: the aggressive mode's 120 % and 80 %. A stale
 * policy is thereby still held to what the user said last.
 */
const comfortStretch = 1.2
const reserveStretch = 0.8

/** The part of the preferences that caps an agent's orders. */
export type PreferenceCaps = Pick<Preferences, 'position_size_comfort' | 'cash_reserve_level' | 'max_daily_loss' | 'min_hold_minutes'>

/** The strictest of limits, prompt policy and preferences. The user's own orders have neither policy nor preferences. */
export interface Bounds {
  readonly maxPosition: Bound
  readonly cashReserve: Bound
  readonly maxDailyLoss: Bound
  readonly coolDownSeconds: Bound
  readonly minEdgeBps: number | null
  readonly minHoldMinutes: number
}

export function boundsOf(options: { limits: RiskLimits; policy: Policy | null; preferences: PreferenceCaps | null }): Bounds {
  const { limits, policy, preferences } = options
  return {
    maxPosition: smallest(limits.max_position, {
      policy: policy?.max_position,
      preferences: times(preferences?.position_size_comfort, comfortStretch),
    }),
    cashReserve: largest(limits.cash_reserve, {
      policy: policy?.cash_reserve,
      preferences: times(preferences?.cash_reserve_level, reserveStretch),
    }),
    maxDailyLoss: smallest(limits.max_daily_loss, { preferences: preferences?.max_daily_loss }),
    coolDownSeconds: largest(limits.cool_down_seconds, { policy: policy?.cool_down_seconds }),
    minEdgeBps: policy?.min_edge_bps ?? null,
    minHoldMinutes: preferences?.min_hold_minutes ?? 0,
  }
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : new Decimal(value).times(factor).toNumber()
}

interface Others {
  readonly policy?: number | undefined
  readonly preferences?: number | undefined
}

function smallest(limit: number, others: Others): Bound {
  return candidates(limit, others).reduce((best, next) => (next.value < best.value ? next : best))
}

function largest(limit: number, others: Others): Bound {
  return candidates(limit, others).reduce((best, next) => (next.value > best.value ? next : best))
}

function candidates(limit: number, { policy, preferences }: Others): Bound[] {
  const bounds: Bound[] = [{ value: limit, source: 'limits' }]
  if (policy !== undefined) bounds.push({ value: policy, source: 'policy' })
  if (preferences !== undefined) bounds.push({ value: preferences, source: 'preferences' })
  return bounds
}
