import { checkLength, checkSpan, type Span, type Split } from './span.ts'

/**
 * Purged k-fold cross-validation (Lopez de Prado 2018, "Advances in financial machine learning", chapter 7): the span in `folds` equal
 * parts (the last takes what is left over), each tested once, the rest trained on. What a trade of one side may reach into (`purge`) is
 * left out of training before a test and after it; after it `embargo` more, for what hangs together in time.
 */
export function purgedKFold(plan: {
  readonly span: Span
  readonly folds: number
  readonly purge: number
  readonly embargo: number
}): Split[] {
  const { span, folds, purge, embargo } = plan
  checkSpan(span)
  checkLength('folds', folds, 2)
  checkLength('purge', purge, 0)
  checkLength('embargo', embargo, 0)
  const length = Math.floor((span.to - span.from) / folds)
  if (length < 1) throw new Error(`${span.to - span.from} cannot be cut into ${folds} folds`)
  return Array.from({ length: folds }, (_, index) => {
    const from = span.from + index * length
    const test = { from, to: index === folds - 1 ? span.to : from + length }
    const before = { from: span.from, to: test.from - purge }
    const after = { from: test.to + purge + embargo, to: span.to }
    const train = [before, after].filter((part) => part.from < part.to)
    if (train.length === 0) throw new Error(`fold ${index} has nothing to train on: purge ${purge} and embargo ${embargo} leave nothing`)
    return { train, test }
  })
}
