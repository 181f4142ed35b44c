import type { CandleView } from '../candle-view.ts'
import { RunningAtr } from '../indicators/running-atr.ts'
import { RunningExtreme } from '../indicators/running-extreme.ts'
import { defineStrategy, noWish, type OrderStrategy, type Wish } from '../strategy.ts'
import { fraction } from './signal-parameters.ts'

/**
 * Enter when a close is above every high of the last `entry` candles, with a stop `stop_atr` average true ranges below and, where asked
 * for, a trailing one; leave when a close is below every low of the last `exit` candles (R. Donchian's channels, ATR stops of W. Wilder).
 */
export const breakout = defineStrategy({
  name: 'breakout',
  description: 'Channel breakout: in above the highest high, out below the lowest low, a stop in average true ranges.',
  parameters: {
    entry: { type: 'integer', default: 60, min: 2, max: 10_000, description: 'candles whose highest high must be passed' },
    exit: { type: 'integer', default: 30, min: 2, max: 10_000, description: 'candles whose lowest low must hold' },
    atr: { type: 'integer', default: 14, min: 2, max: 1000, description: 'candles in the average true range' },
    stop_atr: { type: 'number', default: 3, min: 0.1, max: 100, description: 'distance of the stop in average true ranges' },
    trail: { type: 'number', default: 0, min: 0, max: 0.9, description: 'trailing stop as a fraction below the highest bid; 0: none' },
    fraction,
  },
  create({ entry, exit, atr, stop_atr: stopAtr, trail, fraction: cashFraction }, { products }): OrderStrategy {
    const channels = new Map(products.map((product) => [product, new Channel({ entry, exit, atr })]))
    return {
      kind: 'orders',
      warmUp: Math.max(entry, exit, atr) + 1,
      observe(view) {
        for (const product of view.products) if (view.hasNewCandle(product)) channels.get(product)!.add(view.candles(product))
      },
      onBar(view) {
        const wishes: Wish[] = []
        for (const product of view.products) {
          if (!view.hasNewCandle(product)) continue
          const channel = channels.get(product)!
          if (view.position(product) > 0) {
            if (channel.isBelow) wishes.push({ action: 'order', product, side: 'SELL', all: true, reason: 'below the channel' })
          } else if (channel.isAbove && view.openOrders(product) === 0) {
            const stopPrice = view.candles(product).close() - stopAtr * channel.range
            const exits = { ...(stopPrice > 0 ? { stopPrice } : {}), ...(trail > 0 ? { trailingStop: trail } : {}) }
            wishes.push({ action: 'order', product, side: 'BUY', cashFraction, reason: 'above the channel', ...exits })
          }
        }
        return wishes.length === 0 ? noWish : wishes
      },
    }
  },
})

/** The channel of the candles before the newest, and where the newest close lies. */
class Channel {
  readonly #highest: RunningExtreme
  readonly #lowest: RunningExtreme
  readonly #range: RunningAtr
  isAbove = false
  isBelow = false

  constructor({ entry, exit, atr }: { entry: number; exit: number; atr: number }) {
    this.#highest = new RunningExtreme(entry, 'highest')
    this.#lowest = new RunningExtreme(exit, 'lowest')
    this.#range = new RunningAtr(atr)
  }

  get range(): number {
    return this.#range.value
  }

  add(candles: CandleView): void {
    const close = candles.close()
    this.isAbove = this.#highest.isFull && close > this.#highest.value
    this.isBelow = this.#lowest.isFull && close < this.#lowest.value
    this.#highest.add(candles.high())
    this.#lowest.add(candles.low())
    this.#range.add(candles.high(), candles.low(), close)
  }
}
