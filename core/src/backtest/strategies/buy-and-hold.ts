import { defineStrategy, noWish, type OrderStrategy, type Wish } from '../strategy.ts'
import { fraction } from './signal-parameters.ts'

/** Spends a share of the equity it finds on every product, evenly, as fast as the market gives it, and keeps what it has. */
export const buyAndHold = defineStrategy({
  name: 'buy-and-hold',
  description: 'Buys at the beginning and keeps it: what any strategy must beat.',
  parameters: { fraction: { ...fraction, description: 'share of the equity that is spent, over all products' } },
  create({ fraction: share }, { products }): OrderStrategy {
    let budget: number | null = null
    return {
      kind: 'orders',
      warmUp: 1,
      onBar(view) {
        budget ??= (view.equity * share) / products.length
        const wishes: Wish[] = []
        for (const product of view.products) {
          const notional = budget - view.position(product) * view.entryPrice(product)
          // What is left under a hundredth of it is not worth another order.
          if (!view.hasNewCandle(product) || view.openOrders(product) > 0 || notional < budget / 100) continue
          wishes.push({ action: 'order', product, side: 'BUY', notional, reason: 'buy and hold' })
        }
        return wishes.length === 0 ? noWish : wishes
      },
    }
  },
})
