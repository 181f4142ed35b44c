import { portfolio } from '@trader/core/contract/position'
import { book, decimalText, id, positiveDecimalText, statistic } from '@trader/core/contract/primitives'
import { tradingFlag } from '@trader/core/contract/trading-flag'
import { decimal, toText } from '@trader/core/money/decimal'
import { z } from 'zod'
import { getTradingFlag } from '../../database/queries/trading-flag.ts'
import { runId } from '../arguments.ts'
import { currentPortfolio } from '../read-books.ts'
import { defineTool, readHints } from '../tool.ts'

type Portfolio = z.output<typeof portfolio>
type Position = Portfolio['positions'][number]

const positionDetails = z.object({
  quantity: decimalText,
  entry_price: positiveDecimalText.nullable(),
  current_price: positiveDecimalText.nullable(),
  entry_value: decimalText,
  current_value: decimalText.nullable(),
  position_pnl: decimalText.nullable(),
  position_pnl_pct: statistic,
  price_is_live: z.boolean(),
})

export const getPortfolioStatus = defineTool({
  name: 'get_portfolio_status',
  title: 'Portfolio status',
  description:
    'Cash, positions with entry and current price, profit and loss, scraped profits and equity of the traded book. Use it before advising or trading, and whenever the user asks how things stand.',
  input: z.strictObject({ run_id: runId }),
  output: z.object({
    status: z.enum(['ok', 'fallback']).describe('fallback: the ledger workflow did not answer; the figures are those of the database.'),
    run_id: id,
    book,
    trading: tradingFlag,
    cash: decimalText.describe('USD, holds of open orders included.'),
    available_cash: decimalText.describe('Cash that no open order holds.'),
    positions: z.record(z.string(), decimalText).describe('Base units per product.'),
    entry_prices: z.record(z.string(), positiveDecimalText),
    position_details: z.record(z.string(), positionDetails),
    total_position_value: decimalText,
    scraped_profits: decimalText.describe('Set aside, never spent.'),
    total_cash_value: decimalText.describe('Cash and scraped profits.'),
    total_portfolio_value: decimalText.describe('Equity: cash, scraped profits and positions.'),
    realized_pnl: decimalText,
    unrealized_pnl: decimalText,
    total_pnl: decimalText,
    fees: decimalText,
    price_data_quality: z.object({
      quality: portfolio.shape.price_quality,
      live_prices_used: z.int(),
      total_positions: z.int(),
      using_stale_fallback: z.boolean(),
    }),
    market_time: z.int(),
  }),
  hints: readHints,
  scope: 'read',
  primitive: 'query',
  async run(context, args) {
    const run = await context.run(args.run_id)
    const [{ status, portfolio }, flag] = await Promise.all([currentPortfolio(context, run), getTradingFlag(context.pool, run.book)])
    return { status, run_id: run.run_id, book: run.book, trading: flag.state, ...summary(portfolio) }
  },
})

function summary(portfolio: Portfolio) {
  const open = portfolio.positions.filter(({ quantity }) => !decimal(quantity).isZero())
  const entryPrices = open.flatMap(({ product, average_price }) => (average_price === null ? [] : [[product, average_price] as const]))
  const live = open.filter(({ price_quality }) => price_quality === 'live').length
  return {
    cash: portfolio.cash,
    available_cash: toText(decimal(portfolio.cash).minus(portfolio.held_cash)),
    positions: Object.fromEntries(open.map(({ product, quantity }) => [product, quantity])),
    entry_prices: Object.fromEntries(entryPrices),
    position_details: Object.fromEntries(open.map((position) => [position.product, details(position)])),
    total_position_value: portfolio.position_value,
    scraped_profits: portfolio.scraped,
    total_cash_value: toText(decimal(portfolio.cash).plus(portfolio.scraped)),
    total_portfolio_value: portfolio.equity,
    realized_pnl: portfolio.realized_pnl,
    unrealized_pnl: portfolio.unrealized_pnl,
    total_pnl: portfolio.total_pnl,
    fees: portfolio.fees,
    price_data_quality: {
      quality: portfolio.price_quality,
      live_prices_used: live,
      total_positions: open.length,
      using_stale_fallback: live < open.length,
    },
    market_time: portfolio.market_time,
  }
}

function details(position: Position): z.input<typeof positionDetails> {
  const cost = decimal(position.cost_basis)
  return {
    quantity: position.quantity,
    entry_price: position.average_price,
    current_price: position.mark_price,
    entry_value: position.cost_basis,
    current_value: position.market_value,
    position_pnl: position.unrealized_pnl,
    position_pnl_pct:
      position.unrealized_pnl === null || cost.isZero() ? null : decimal(position.unrealized_pnl).div(cost).times(100).toNumber(),
    price_is_live: position.price_quality === 'live',
  }
}
