import { defineStrategy, noWish, type OrderStrategy, type Wish } from '../strategy.ts'

/** Buys the same amount of every product at equal distances of time, whatever the price. */
export const dca = defineStrategy({
  name: 'dca',
  description: 'Dollar-cost averaging: the same amount every so many hours, whatever the price.',
  parameters: {
    hours: { type: 'number', default: 24, min: 0.01, max: 8760, description: 'hours between two purchases' },
    notional: { type: 'number', default: 100, min: 1, max: 1_000_000, description: 'quote currency per product and purchase' },
  },
  create({ hours, notional }): OrderStrategy {
    const everyMs = hours * 3_600_000
    const due = new Map<string, number>()
    return {
      kind: 'orders',
      warmUp: 1,
      onBar(view) {
        const wishes: Wish[] = []
        for (const product of view.products) {
          if (!view.hasNewCandle(product) || view.now < (due.get(product) ?? 0)) continue
          due.set(product, view.now + everyMs)
          wishes.push({ action: 'order', product, side: 'BUY', notional, reason: 'dollar-cost averaging' })
        }
        return wishes.length === 0 ? noWish : wishes
      },
    }
  },
})
