import type { Preferences } from '../../contract/preferences.ts'
import type { PromptMode } from '../../contract/prompt-version.ts'

/** Modes by boldness. `performance` is a stricter `standard`: beside it, not below. */
const rungs: Readonly<Record<PromptMode, number>> = { conservative: 0, performance: 1, standard: 1, aggressive: 2 }

/** Rungs from one mode to another; positive is bolder. One change climbs one at most. */
export function modeSteps(from: PromptMode, to: PromptMode): number {
  return rungs[to] - rungs[from]
}

const bolder: Readonly<Record<PromptMode, PromptMode>> = {
  conservative: 'standard',
  performance: 'standard',
  standard: 'aggressive',
  aggressive: 'aggressive',
}

/** The mode one step bolder; the boldest stays. */
export function bolderMode(mode: PromptMode): PromptMode {
  return bolder[mode]
}

const careful: Readonly<Record<PromptMode, PromptMode>> = {
  aggressive: 'standard',
  standard: 'conservative',
  performance: 'conservative',
  conservative: 'conservative',
}

/** The mode one step more careful; the most careful stays. */
export function carefulMode(mode: PromptMode): PromptMode {
  return careful[mode]
}

/** The boldest mode that the user's preferences allow the Judge to choose. */
export function boldestMode({ risk_tolerance, trading_style }: Preferences): PromptMode {
  if (risk_tolerance === 'low' || trading_style === 'conservative') return 'conservative'
  return risk_tolerance === 'high' || trading_style === 'aggressive' ? 'aggressive' : 'standard'
}
