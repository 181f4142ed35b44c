import type { StrategyModule } from '../strategy.ts'
import { bollingerBands } from './bollinger.ts'
import { breakout } from './breakout.ts'
import { buyAndHold } from './buy-and-hold.ts'
import { dca } from './dca.ts'
import { emaCross } from './ema-cross.ts'
import { randomEntry } from './random-entry.ts'
import { rsiMeanReversion } from './rsi-mean-reversion.ts'
import { smaCross } from './sma-cross.ts'

/** Every strategy that has a name. */
export const library: readonly StrategyModule[] = [
  smaCross,
  emaCross,
  rsiMeanReversion,
  bollingerBands,
  breakout,
  buyAndHold,
  dca,
  randomEntry,
]

export type FoundStrategy =
  | { readonly ok: true; readonly module: StrategyModule }
  | { readonly ok: false; readonly reason: 'UNKNOWN_STRATEGY'; readonly detail: string }

export function findStrategy(name: string): FoundStrategy {
  const module = library.find((known) => known.name === name)
  if (module !== undefined) return { ok: true, module }
  const known = library.map((each) => each.name).join(', ')
  return {
    ok: false,
    reason: 'UNKNOWN_STRATEGY',
    detail: `unknown strategy ${name}; there are: ${known}, or the path of a .ts or .js file`,
  }
}
