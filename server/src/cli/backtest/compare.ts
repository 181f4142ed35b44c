import { isDeepStrictEqual } from 'node:util'
import type { BacktestComparison, BacktestResult } from '@trader/core/contract/backtest'
import { summaryOf } from '../../backtest/result-store.ts'
import { table } from '../output.ts'
import { money, percent, ratio, share } from './describe-result.ts'

/** Runs side by side, with every field in which their configs differ. */
export function compareBacktests(results: readonly BacktestResult[]): BacktestComparison {
  const configs = results.map(({ config, data }) => ({ ...config, data: data.map(({ file }) => file) }))
  const fields = [...new Set(configs.flatMap((config) => Object.keys(config)))]
  const values = (field: string): unknown[] => configs.map((config) => Reflect.get(config, field) ?? null)
  const differing = fields.filter((field) => values(field).some((value) => !isDeepStrictEqual(value, values(field)[0])))
  const hashes = results.map(({ data }) => data.map(({ product, sha256 }) => `${product} ${sha256}`))
  return {
    runs: results.map(summaryOf),
    // Config values are JSON: they were read from a file.
    differences: differing.map((field) => ({ field, values: values(field) as BacktestComparison['differences'][number]['values'] })),
    same_data:
      hashes.every((hash) => isDeepStrictEqual(hash, hashes[0])) &&
      results.every(({ data }) => data.every(({ sha256 }) => sha256 !== null)),
  }
}

export function describeComparison({ runs, differences, same_data }: BacktestComparison): string {
  const row = (name: string, value: (run: (typeof runs)[number]) => string): string[] => [name, ...runs.map(value)]
  const figures = [
    row('', ({ run_id }) => run_id),
    row('strategy', ({ strategy }) => strategy),
    row('final equity', ({ final_equity }) => (final_equity === null ? '-' : money(final_equity))),
    row('return', ({ return_pct }) => percent(return_pct)),
    row('buy and hold', ({ buy_and_hold_return_pct }) => percent(buy_and_hold_return_pct)),
    row('max drawdown', ({ max_drawdown }) => share(max_drawdown)),
    row('Sharpe', ({ sharpe }) => ratio(sharpe)),
    row('win rate', ({ win_rate }) => share(win_rate)),
    row('closed trades', ({ trades }) => String(trades ?? '-')),
    row('fills', ({ fills }) => String(fills ?? '-')),
    row('fees', ({ fees }) => (fees === null ? '-' : money(fees))),
  ]
  const settings = differences.map(({ field, values }) => [
    field,
    ...values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
  ])
  const parts = [
    table(figures),
    '',
    differences.length === 0 ? 'the settings are the same' : table([['differs', ...runs.map(() => '')], ...settings]),
  ]
  return [...parts, ...(same_data ? [] : ['', 'note: these runs did not see the same candles'])].join('\n')
}
