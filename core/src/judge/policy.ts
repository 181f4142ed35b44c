import type { Policy, PromptMode } from '../contract/prompt-version.ts'
import type { Preferences } from '../contract/preferences.ts'

/** What a mode makes of the user's comfort. Fractions are of equity, edges in basis points. */
interface ModeBounds {
  /** Share of `position_size_comfort` that one product may take, and its ceiling. */
  readonly comfortFactor: number
  readonly positionCeiling: number
  /** Multiple of `cash_reserve_level` that stays in cash, and its floor. */
  readonly reserveFactor: number
  readonly reserveFloor: number
  readonly minEdgeBps: number
  readonly coolDownSeconds: number
  readonly preferredRules: Policy['preferred_rules']
}

/** No ceiling passes the risk limit of 25 % in one product, no floor falls below its 5 % in cash: a prompt never raises a risk cap. */
export const modeBounds: Readonly<Record<PromptMode, ModeBounds>> = {
  conservative: {
    comfortFactor: 0.7,
    positionCeiling: 0.15,
    reserveFactor: 1.3,
    reserveFloor: 0.2,
    minEdgeBps: 160,
    coolDownSeconds: 3600,
    preferredRules: ['momentum'],
  },
  standard: {
    comfortFactor: 1,
    positionCeiling: 0.25,
    reserveFactor: 1,
    reserveFloor: 0.1,
    minEdgeBps: 100,
    coolDownSeconds: 1800,
    preferredRules: ['momentum', 'mean_reversion'],
  },
  performance: {
    comfortFactor: 0.8,
    positionCeiling: 0.2,
    reserveFactor: 1.1,
    reserveFloor: 0.15,
    minEdgeBps: 130,
    coolDownSeconds: 2700,
    preferredRules: ['momentum', 'mean_reversion'],
  },
  aggressive: {
    comfortFactor: 1.2,
    positionCeiling: 0.25,
    reserveFactor: 0.8,
    reserveFloor: 0.05,
    minEdgeBps: 70,
    coolDownSeconds: 600,
    preferredRules: ['momentum', 'mean_reversion'],
  },
}

/** The policy block of a mode for these preferences: what a new prompt version starts from. */
export function policyForMode(mode: PromptMode, preferences: Preferences): Policy {
  const bounds = modeBounds[mode]
  return {
    mode,
    max_position: toFraction(Math.min(bounds.positionCeiling, preferences.position_size_comfort * bounds.comfortFactor)),
    cash_reserve: toFraction(Math.max(bounds.reserveFloor, preferences.cash_reserve_level * bounds.reserveFactor)),
    min_edge_bps: bounds.minEdgeBps,
    cool_down_seconds: bounds.coolDownSeconds,
    preferred_rules: [...bounds.preferredRules],
  }
}

/** The tighter of two policies, bound by bound. A rule is preferred only if both prefer it. */
export function tighterPolicy(policy: Policy, other: Policy): Policy {
  return {
    mode: policy.mode,
    max_position: Math.min(policy.max_position, other.max_position),
    cash_reserve: Math.max(policy.cash_reserve, other.cash_reserve),
    min_edge_bps: Math.max(policy.min_edge_bps, other.min_edge_bps),
    cool_down_seconds: Math.max(policy.cool_down_seconds, other.cool_down_seconds),
    preferred_rules: policy.preferred_rules.filter((rule) => other.preferred_rules.includes(rule)),
  }
}

/**
 * The policy in force: the active version's block, tightened by what the user asks for now. Preferences take effect with the next
 * decision and only ever tighten; a wish for more waits for a prompt version that allows it.
 */
export function effectivePolicy(policy: Policy, preferences: Preferences): Policy {
  const { max_position, cash_reserve } = policyForMode(policy.mode, preferences)
  const comfortable = tighterPolicy(policy, { ...policy, max_position, cash_reserve })
  if (!isCautious(preferences)) return comfortable
  return tighterPolicy(comfortable, { ...policyForMode('conservative', preferences), preferred_rules: policy.preferred_rules })
}

function isCautious(preferences: Preferences): boolean {
  return preferences.risk_tolerance === 'low' || preferences.trading_style === 'conservative'
}

function toFraction(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
}
