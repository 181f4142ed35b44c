import { scanCandles } from '../candle-view.ts'
import { firstRowFrom, type Columns } from '../columns.ts'
import type { BacktestRun } from '../run.ts'
import type { BacktestSettings } from '../settings.ts'
import type { SignalStrategy } from '../strategy.ts'
import { dayMs, newDay, type DayTally } from './day-tally.ts'
import type { LoopOptions } from './event-loop.ts'
import { type FilledOrder, FillLog } from './fill-log.ts'

type SignalOptions = LoopOptions & { readonly strategy: SignalStrategy }

/** Whether the short path gives the same run as the event path. */
export function suitsSignalLoop(options: LoopOptions): options is SignalOptions {
  const { settings, columns, strategy } = options
  return (
    strategy.kind === 'signals' &&
    columns.length === 1 &&
    settings.fills === 'reference' &&
    settings.limits === null &&
    settings.latencyMs === 0 &&
    settings.minHoldMinutes === 0 &&
    !settings.flattenDaily &&
    Object.keys(settings.allocations).length === 0
  )
}

/**
 * The short path: all signals first, then one pass that fills at the next open, marks every bar and follows the drawdown. The rule still
 * sees one candle at a time through the same view.
 */
export function signalLoop({ settings, columns, strategy }: SignalOptions): BacktestRun {
  const [candles] = columns
  if (candles === undefined) throw new Error('a backtest needs candles')
  return fillSignals({
    settings,
    candles,
    signals: scanCandles(strategy.rule(candles.product), candles),
    cashFraction: strategy.cashFraction,
  })
}

interface Signals {
  readonly settings: BacktestSettings
  readonly candles: Columns
  /** As `scanCandles` answers them. */
  readonly signals: readonly number[]
  readonly cashFraction: number
}

/** By the reference's arithmetic: a share of the cash buys at the next open, and all that is held is sold at the next open. */
function fillSignals({ settings, candles, signals, cashFraction }: Signals): BacktestRun {
  const { initialCash, takerFee } = settings
  const { open, close, start, rows } = candles
  const firstRow = firstRowFrom(candles, settings.from)
  const equity = new Float64Array(rows - firstRow)
  const fills = new FillLog([candles.product])
  const marks = { equity, close, firstRow, extremes: Float64Array.of(initialCash, 0) }
  const orderRows: number[] = []
  const order: { -readonly [Name in keyof FilledOrder]: FilledOrder[Name] } = {
    number: 0,
    side: 'BUY',
    type: 'market',
    reason: 'signal',
    fillCount: 1,
    liquidity: 'taker',
  }
  let [cash, quantity, fees, cost, entryFee, realizedPnl] = [initialCash, 0, 0, 0, 0, 0]

  let row = firstRow
  for (const signal of signals) {
    const isFlat = quantity === 0
    const found = Math.abs(signal) - 1
    if (found < row || signal > 0 !== isFlat || (isFlat && !(cash > 0))) continue
    mark(marks, row, found + 1, cash, quantity)
    row = found + 1
    orderRows.push(found)
    if (row === rows) break

    const price = open[row]!
    const filled = isFlat ? (cashFraction * cash) / price : quantity
    const notional = filled * price
    const fee = notional * takerFee
    const gain = isFlat ? 0 : notional - fee - cost - entryFee
    cash = isFlat ? cash - notional - fee : cash + notional - fee
    quantity = isFlat ? filled : 0
    cost = isFlat ? notional : 0
    entryFee = isFlat ? fee : 0
    fees += fee
    realizedPnl += gain
    order.number = orderRows.length
    order.side = isFlat ? 'BUY' : 'SELL'
    fills.add(order, {
      product: 0,
      marketTime: start[row]!,
      quantity: filled,
      price,
      notional,
      fee,
      realizedPnl: gain,
      positionAfter: quantity,
      cashAfter: cash,
    })
  }
  mark(marks, row, rows, cash, quantity)

  return {
    starts: start.subarray(firstRow),
    equity,
    timeframeMs: settings.timeframeMs,
    warmUpInstants: firstRow,
    bars: equity.length,
    initialEquity: initialCash,
    initialPositions: [{ product: candles.product, quantity: 0, cost: 0 }],
    finalEquity: equity.at(-1) ?? initialCash,
    maxDrawdown: marks.extremes[1] ?? 0,
    cash,
    fees,
    fills,
    days: daysOf({ candles, equity, initialEquity: initialCash, orderRows }),
    blocks: [],
    blockCount: 0,
    positions: [
      {
        product: candles.product,
        quantity,
        costBasis: cost,
        entryFees: entryFee,
        realizedPnl,
        marketValue: quantity * (close[rows - 1] ?? 0),
      },
    ],
    openOrders: orderRows.length - fills.length,
  }
}

/** The equity column and its peak and drawdown so far. */
interface Marks {
  readonly equity: Float64Array
  readonly close: Float64Array
  readonly firstRow: number
  readonly extremes: Float64Array
}

/** Marks the rows [from, to). Called for every fill: plain arguments cost no object. */
function mark(marks: Marks, from: number, to: number, cash: number, quantity: number): void {
  const { equity, firstRow, extremes } = marks
  if (quantity > 0) return markPosition(marks, from, to, cash, quantity)
  equity.fill(cash, from - firstRow, to - firstRow)
  if (cash > extremes[0]!) extremes[0] = cash
  else extremes[1] = Math.max(extremes[1]!, (extremes[0]! - cash) / extremes[0]!)
}

/** With a position: the loop that most of a run's time goes to, so its values come as plain arguments. */
function markPosition({ equity, close, firstRow, extremes }: Marks, from: number, to: number, cash: number, quantity: number): void {
  let [peak, drawdown] = [extremes[0]!, extremes[1]!]
  for (let row = from; row < to; row += 1) {
    const worth = cash + quantity * close[row]!
    equity[row - firstRow] = worth
    if (worth > peak) peak = worth
    else if (peak - worth > drawdown * peak) drawdown = (peak - worth) / peak
  }
  extremes[0] = peak
  extremes[1] = drawdown
}

/** The UTC days of the instants: where equity stood when each began, and the orders made in it. */
function daysOf(options: { candles: Columns; equity: Float64Array; initialEquity: number; orderRows: readonly number[] }): DayTally[] {
  const { candles, equity, initialEquity, orderRows } = options
  const { start, rows, timeframeMs } = candles
  const firstRow = rows - equity.length
  const days: DayTally[] = []
  let counted = 0
  for (let row = firstRow; row < rows;) {
    const now = start[row]! + timeframeMs
    const day = now - (now % dayMs)
    const equityBefore = row === firstRow ? initialEquity : equity[row - 1 - firstRow]!
    const tally = newDay(day, now === day ? equity[row - firstRow]! : equityBefore)
    row = firstRowFrom(candles, day + dayMs - timeframeMs)
    while (counted < orderRows.length && orderRows[counted]! < row) {
      tally.orders += 1
      counted += 1
    }
    days.push(tally)
  }
  return days
}
