import { defineStrategy, noWish, type OrderStrategy, type Wish } from '../strategy.ts'
import { fraction } from './signal-parameters.ts'

/** The null: enters by chance and leaves after a fixed time. What it earns is the market and the costs, nothing else. */
export const randomEntry = defineStrategy({
  name: 'random-entry',
  description: 'Enters by chance, leaves after a fixed number of candles: the null that a rule must beat.',
  parameters: {
    probability: { type: 'number', default: 0.002, min: 0, max: 1, description: 'chance of an entry at each candle' },
    hold: { type: 'integer', default: 60, min: 1, max: 1_000_000, description: 'candles until it is sold' },
    fraction,
  },
  create({ probability, hold, fraction: cashFraction }, { products, random, timeframeMs }): OrderStrategy {
    const held = new Map(products.map((product) => [product, 0]))
    return {
      kind: 'orders',
      warmUp: 1,
      onBar(view) {
        const wishes: Wish[] = []
        for (const [stream, product] of view.products.entries()) {
          if (!view.hasNewCandle(product)) continue
          const candles = view.position(product) > 0 ? held.get(product)! + 1 : 0
          held.set(product, candles)
          if (candles >= hold) wishes.push({ action: 'order', product, side: 'SELL', all: true, reason: 'held long enough' })
          else if (candles === 0 && random(stream, view.now / timeframeMs) < probability) {
            wishes.push({ action: 'order', product, side: 'BUY', cashFraction, reason: 'chance' })
          }
        }
        return wishes.length === 0 ? noWish : wishes
      },
    }
  },
})
