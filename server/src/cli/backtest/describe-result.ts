import { utcDate, utcTime } from '@trader/core/backtest/utc-date'
import type { BacktestResult, BacktestSummary } from '@trader/core/contract/backtest'
import { timeframeName } from '@trader/core/market/timeframe'
import { table } from '../output.ts'

const newestDays = 5

/** A result as a person reads it: what ran, the verdict, the figures, the last days. */
export function describeResult(result: BacktestResult): string {
  const { config } = result
  const span = `${utcDate(config.from)} to ${utcDate(config.to)}`
  const parts = [
    result.run_id,
    `${config.strategy} ${parametersText(config.parameters)}`.trim(),
    `${config.products.join(', ')}  ${timeframeName(config.timeframe_ms)}  ${span}  ${result.bars} bars  fills ${config.fills}, limits ${config.limits}`,
    '',
    verdict(result),
    '',
    table(figureRows(result)),
    '',
    table([
      ['day', 'equity', 'return', 'fills', 'trades', 'fees', 'blocks'],
      ...result.daily_reports
        .slice(-newestDays)
        .map((day) => [
          day.date,
          money(day.end_equity),
          percent(day.return_pct),
          String(day.fills),
          String(day.trades),
          money(day.fees),
          blocksText(day.blocks),
        ]),
    ]),
  ]
  const notes = result.notes.map((note) => `note: ${note}`)
  return [...parts, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')
}

/** One sentence: what it made, against doing nothing. */
function verdict({ return_pct: made, benchmarks, initial_equity, final_equity }: BacktestResult): string {
  const hold = benchmarks.find(({ name }) => name === 'buy-and-hold')
  const sentence = `${money(initial_equity)} became ${money(final_equity)}, ${percent(made)}`
  if (hold === undefined) return `${sentence}.`
  const word = made > hold.return_pct ? 'better' : 'worse'
  return `${sentence}: ${percent(Math.abs(made - hold.return_pct)).replace('+', '')} ${word} than buy and hold (${percent(hold.return_pct)}).`
}

function figureRows(result: BacktestResult): string[][] {
  return [
    ['figure', 'value', 'figure', 'value'],
    ['Sharpe', ratio(result.sharpe), 'fills', String(result.fills)],
    ['Sortino', ratio(result.sortino), 'closed trades', String(result.trades)],
    ['Calmar', ratio(result.calmar), 'win rate', share(result.win_rate)],
    ['max drawdown', share(result.max_drawdown), 'profit factor', ratio(result.profit_factor)],
    ['volatility', share(result.volatility), 'expectancy', result.expectancy === null ? '-' : money(result.expectancy)],
    ['VaR 95 %', share(result.var_95), 'exposure', share(result.exposure)],
    ['fees', money(result.fees), 'turnover a year', ratio(result.turnover)],
    ['blocks', blocksText(result.blocks), 'bars a second', String(result.bars_per_second)],
  ]
}

export function describeList(summaries: readonly BacktestSummary[]): string {
  if (summaries.length === 0) return 'no backtest is stored yet; `trader backtest run --help` shows how to run one'
  return table([
    ['run', 'started', 'strategy', 'products', 'span', 'return', 'hold', 'drawdown', 'Sharpe', 'trades', 'label'],
    ...summaries.map((run) => [
      run.run_id,
      utcTime(run.started_at).slice(0, 16),
      `${run.strategy} ${parametersText(run.parameters)}`.trim(),
      run.products.join(','),
      run.from === null || run.to === null ? '-' : `${utcDate(run.from)}..${utcDate(run.to)}`,
      percent(run.return_pct),
      percent(run.buy_and_hold_return_pct),
      share(run.max_drawdown),
      ratio(run.sharpe),
      String(run.trades ?? '-'),
      run.label ?? '',
    ]),
  ])
}

export function parametersText(parameters: Readonly<Record<string, unknown>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')
}

/** Per cent with its sign. */
export function percent(value: number | null): string {
  return value === null ? '-' : `${value >= 0 ? '+' : ''}${value.toFixed(2)} %`
}

/** A fraction in per cent. */
export function share(value: number | null): string {
  return value === null ? '-' : `${(value * 100).toFixed(2)} %`
}

export function ratio(value: number | null): string {
  return value === null ? '-' : value.toFixed(2)
}

/** Two decimals for reading; files and --json have all of them. */
export function money(text: string): string {
  return Number(text).toFixed(2)
}

function blocksText(blocks: BacktestResult['blocks']): string {
  const texts = Object.entries(blocks).map(([reason, count]) => `${reason} ${count}`)
  return texts.length === 0 ? '-' : texts.join(', ')
}
