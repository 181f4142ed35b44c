import { checkLength, checkSpan, type Span, type Split } from './span.ts'

export interface WalkForwardPlan {
  readonly span: Span
  readonly train: number
  readonly test: number
  /** How far each fold lies behind the one before; at least `test`, so that no time is tested twice. Default: `test`. */
  readonly step?: number
  /** `rolling`: training moves along. `anchored`: it starts at the beginning each time and grows. */
  readonly window: 'anchored' | 'rolling'
  /** Left out at the end of training: what its trades may reach into. */
  readonly purge?: number
}

/**
 * Walk-forward folds (Pardo 1992): train, then test on what follows at once, step on. Only whole test spans; none where the span is
 * shorter than train + test.
 */
export function walkForwardSplits(plan: WalkForwardPlan): Split[] {
  const { span, train, test, step = test, window, purge = 0 } = plan
  checkSpan(span)
  checkLength('train', train, 1)
  checkLength('test', test, 1)
  checkLength('purge', purge, 0)
  checkLength('step', step, test)
  if (purge >= train) throw new Error(`purge must be shorter than train, ${train}, was ${purge}`)
  const splits: Split[] = []
  for (let start = span.from + train; start + test <= span.to; start += step) {
    const from = window === 'anchored' ? span.from : start - train
    splits.push({ train: [{ from, to: start - purge }], test: { from: start, to: start + test } })
  }
  return splits
}
