import { scanCandles } from '../candle-view.ts'
import { firstRowFrom, type Columns } from '../columns.ts'
import type { BacktestRun } from '../run.ts'
import type { BacktestSettings } from '../settings.ts'
import type { SignalStrategy } from '../strategy.ts'
import { dayMs, newDay, type DayTally } from './day-tally.ts'
import type { LoopOptions } from './event-loop.ts'
import { EquityBetweenFills } from './equity-between-fills.ts'
import { newExecution } from './execution.ts'
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
  const fills = new FillLog([candles.product], signals.length)
  const extremes = Float64Array.of(initialCash, 0)
  const [orderRows, fillRows]: [number[], number[]] = [[], []]
  const order: { -readonly [Name in keyof FilledOrder]: FilledOrder[Name] } = {
    number: 0,
    side: 'BUY',
    type: 'market',
    reason: 'signal',
    fillCount: 1,
    liquidity: 'taker',
  }
  const execution = newExecution()
  let [cash, quantity, fees, cost, entryFee, realizedPnl] = [initialCash, 0, 0, 0, 0, 0]

  let row = firstRow
  for (const signal of signals) {
    const isFlat = quantity === 0
    const found = Math.abs(signal) - 1
    if (found < row || signal > 0 !== isFlat || (isFlat && !(cash > 0))) continue
    follow(extremes, close, row, found + 1, cash, quantity)
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
    fillRows.push(row)
    execution.marketTime = start[row]!
    execution.quantity = filled
    execution.price = price
    execution.notional = notional
    execution.fee = fee
    execution.realizedPnl = gain
    execution.positionAfter = quantity
    execution.cashAfter = cash
    fills.add(order, execution)
  }
  follow(extremes, close, row, rows, cash, quantity)
  const curve = new EquityBetweenFills({ candles, firstRow, initialCash, fills, fillRows })

  return {
    starts: start.subarray(firstRow),
    get equity() {
      return curve.column()
    },
    equityAt: (instant) => curve.at(firstRow + instant),
    timeframeMs: settings.timeframeMs,
    warmUpInstants: firstRow,
    bars: rows - firstRow,
    initialEquity: initialCash,
    initialPositions: [{ product: candles.product, quantity: 0, cost: 0 }],
    finalEquity: rows > firstRow ? curve.at(rows - 1) : initialCash,
    maxDrawdown: extremes[1] ?? 0,
    cash,
    fees,
    fills,
    days: daysOf({ candles, firstRow, curve, initialEquity: initialCash, orderRows }),
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

/**
 * Follows peak and drawdown over the rows [from, to). The loop that most of a run's time goes to, called for every fill: plain arguments
 * cost no object. Without a position equity stands still.
 */
function follow(extremes: Float64Array, close: Float64Array, from: number, to: number, cash: number, quantity: number): void {
  if (from >= to) return
  let [peak, drawdown] = [extremes[0]!, extremes[1]!]
  for (let row = quantity > 0 ? from : to - 1; row < to; row += 1) {
    const worth = cash + quantity * close[row]!
    if (worth > peak) peak = worth
    else if (peak - worth > drawdown * peak) drawdown = (peak - worth) / peak
  }
  extremes[0] = peak
  extremes[1] = drawdown
}

/** The UTC days of the instants: where equity stood when each began, and the orders made in it. */
function daysOf(options: {
  readonly candles: Columns
  readonly firstRow: number
  readonly curve: EquityBetweenFills
  readonly initialEquity: number
  readonly orderRows: readonly number[]
}): DayTally[] {
  const { candles, firstRow, curve, initialEquity, orderRows } = options
  const { start, rows, timeframeMs } = candles
  const days: DayTally[] = []
  let counted = 0
  for (let row = firstRow; row < rows;) {
    const now = start[row]! + timeframeMs
    const day = now - (now % dayMs)
    const equityBefore = row === firstRow ? initialEquity : curve.at(row - 1)
    const tally = newDay(day, now === day ? curve.at(row) : equityBefore)
    row = firstRowFrom(candles, day + dayMs - timeframeMs)
    while (counted < orderRows.length && orderRows[counted]! < row) {
      tally.orders += 1
      counted += 1
    }
    days.push(tally)
  }
  return days
}
