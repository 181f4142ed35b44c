import { defineStrategy, noWish, type OrderStrategy, type Wish } from '@trader/core/backtest/strategy'
import { RunningEma } from '@trader/core/backtest/indicators/running-ema'

// A strategy of your own, the long way: it sees the account too, and wishes for orders with limits, stops and take-profits.
//   trader backtest run --data coinbase_BTC-USD_1m.csv --strategy docs/examples/trend-with-stops.ts --param stop=0.01
export const strategy = defineStrategy({
  name: 'trend-with-stops',
  description:
    'Follows two exponential averages; enters by a limit at the last close every other time, always with a stop and a take-profit.',
  parameters: {
    fast: { type: 'integer', default: 20, min: 1, max: 1000, description: 'closes in the fast average' },
    slow: { type: 'integer', default: 50, min: 2, max: 1000, description: 'closes in the slow average' },
    fraction: { type: 'number', default: 0.2, min: 0.01, max: 1, description: 'share of the cash that an entry spends' },
    stop: { type: 'number', default: 0.01, min: 0.0001, max: 0.5, description: 'distance of the stop below the price' },
    profit: { type: 'number', default: 0.02, min: 0.0001, max: 10, description: 'distance of the take-profit above the price' },
  },
  create({ fast, slow, fraction, stop, profit }, { products }): OrderStrategy {
    // One pair of averages per product, fed at every instant, before the run trades too.
    const trends = products.map((product) => ({ product, fast: new RunningEma(fast), slow: new RunningEma(slow), side: 0, turned: 0 }))
    let entries = 0
    return {
      kind: 'orders',
      warmUp: slow,
      observe(view) {
        for (const trend of trends) {
          trend.turned = 0
          if (!view.hasNewCandle(trend.product)) continue
          const close = view.candles(trend.product).close()
          const side = Math.sign(trend.fast.add(close) - trend.slow.add(close)) || trend.side
          trend.turned = trend.side !== 0 && side !== trend.side ? side : 0
          trend.side = side
        }
      },
      onBar(view) {
        let wishes: Wish[] | null = null
        for (const { product, turned } of trends) {
          if (turned === 0) continue
          wishes ??= []
          if (turned > 0 && view.position(product) === 0) {
            const close = view.candles(product).close()
            entries += 1
            wishes.push({
              action: 'order',
              product,
              side: 'BUY',
              cashFraction: fraction,
              limitPrice: entries % 2 === 0 ? close : undefined,
              stopPrice: close * (1 - stop),
              takeProfit: close * (1 + profit),
              reason: 'the trend turned up',
            })
          } else if (turned < 0) {
            wishes.push({ action: 'cancel', product })
            if (view.position(product) > 0)
              wishes.push({ action: 'order', product, side: 'SELL', all: true, reason: 'the trend turned down' })
          }
        }
        return wishes ?? noWish
      },
    }
  },
})
