import { defineStrategy, noWish, type OrderStrategy, type Wish } from '@trader/core/backtest/strategy'
import { smaCross } from '@trader/core/backtest/strategies/sma-cross'

/** The benchmark's rule with all that the event path has: every other entry rests at a limit, each has a stop and a take-profit, and a leave cancels. */
export const strategy = defineStrategy({
  name: 'event-strategy',
  description: 'sma-cross with limits, stops and take-profits',
  parameters: { fraction: smaCross.parameters.fraction },
  create({ fraction }, setup): OrderStrategy {
    const [product = ''] = setup.products
    const crossing = smaCross.create({ fast: 20, slow: 50, fraction }, setup)
    if (crossing.kind !== 'signals') throw new Error('sma-cross is a rule of signals')
    const rule = crossing.rule(product)
    const cancel: Wish = { action: 'cancel', product }
    const leave: Wish = { action: 'order', product, side: 'SELL', all: true, reason: 'crossed down' }
    let signal = 0
    let entries = 0
    return {
      kind: 'orders',
      warmUp: 0,
      observe(view) {
        signal = rule.next(view.candles(product))
      },
      onBar(view) {
        if (signal === 0) return noWish
        if (signal < 0) return view.available(product) > 0 ? [cancel, leave] : [cancel]
        if (view.position(product) > 0 || view.openOrders(product) > 0) return noWish
        const close = view.candles(product).close()
        entries += 1
        const exits = { stopPrice: close * 0.985, takeProfit: close * 1.03 }
        const order = { action: 'order', product, side: 'BUY', cashFraction: fraction, reason: 'crossed up', ...exits } as const
        return [entries % 2 === 0 ? { ...order, limitPrice: close } : order]
      },
    }
  },
})
