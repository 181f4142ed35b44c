import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow'
import type { Candle } from '@trader/core/contract/candle'
import { type DroppedMessages, missedCandles, openWindow, type OpenWindow, tickBatch } from '@trader/core/contract/market-messages'
import {
  addBatch,
  addCandles,
  featuresOf,
  type FeatureWindow,
  historicalTicks,
  startFeatureWindow,
} from '@trader/core/market/feature-window'
import { featureCandles } from '@trader/core/market/feature-candles'
import { z } from 'zod'
import * as messages from './messages.ts'

export interface ComputeFeatureVectorInput {
  readonly opening: OpenWindow
  /** Handed on at continue-as-new; absent at the first start. */
  readonly window?: FeatureWindow
  readonly dropped?: DroppedMessages
}

/**
 * The features of one product, from the batches that the market stream signals. A batch is folded into the window by the
 * handler itself, at once: no tick waits anywhere that a new run would not be handed, so none is lost across the change,
 * and the window drops what comes twice.
 */
export async function ComputeFeatureVectorWorkflow(input: ComputeFeatureVectorInput): Promise<void> {
  let opening = withoutHistory(input.opening)
  let window = input.window ?? windowOf(input.opening)
  let dropped = input.dropped ?? { count: 0, last_reason: null }
  let messagesTaken = 0

  const drop = (reason: string): void => {
    dropped = { count: dropped.count + 1, last_reason: reason.slice(0, 500) }
  }
  const isOurs = (message: { run_id: string; product: string }): boolean => {
    const ours = message.run_id === opening.run_id && message.product === window.product
    if (!ours) drop(`${message.product} of run ${message.run_id} came to ${window.product} of run ${opening.run_id}`)
    return ours
  }
  /** Nothing in a message, and no failing handler, may fail the workflow task: it would be tried again for ever. */
  const receive = <T>(schema: z.ZodType<T>, handle: (message: T) => void): ((message: T) => void) => {
    return (message) => {
      messagesTaken += 1
      const parsed = schema.safeParse(message)
      if (!parsed.success) return drop(z.prettifyError(parsed.error))
      try {
        handle(parsed.data)
      } catch (error) {
        drop(String(error))
      }
    }
  }

  const open = receive(openWindow, (next) => {
    if (next.product !== window.product) return drop(`history of ${next.product} came to ${window.product}`)
    if (next.run_id !== opening.run_id) window = windowOf(next)
    else if (isAhead(next.history, window) || isLonger(next.history, window)) window = addCandles(window, next.history)
    opening = withoutHistory(next)
  })
  const fold = receive(tickBatch, (batch) => {
    if (isOurs(batch)) window = addBatch(window, batch.ticks)
  })
  const fillIn = receive(missedCandles, (missed) => {
    if (isOurs(missed)) window = addCandles(window, missed.candles)
  })
  setHandler(messages.openWindowSignal, open)
  setHandler(messages.tickBatchSignal, fold)
  setHandler(messages.missedCandlesSignal, fillIn)
  setHandler(messages.featureVectorQuery, (marketTime) => featuresOf(window, marketTime ?? endOf(window)))
  setHandler(messages.historicalTicksQuery, (since) => historicalTicks(window, since))
  setHandler(messages.latestPriceQuery, () => {
    if (window.last_tick === null) return null
    const { product, market_time, price, bid, ask } = window.last_tick
    return { product, market_time, price, bid, ask }
  })
  setHandler(messages.featureStatusQuery, () => ({
    run_id: opening.run_id,
    product: window.product,
    last_tick_time: window.last_tick?.market_time ?? null,
    candles: window.candles.length,
    ticks: window.ticks.length,
    dropped,
  }))

  await condition(() => {
    const { limits } = opening.settings
    const { historyLength, continueAsNewSuggested } = workflowInfo()
    // A limit below the first events of a run must not make it change for ever without taking a message.
    return messagesTaken > 0 && (messagesTaken >= limits.continue_every || historyLength >= limits.history_limit || continueAsNewSuggested)
  })
  await continueAsNew<typeof ComputeFeatureVectorWorkflow>({ opening, window, dropped })
}

function windowOf({ product, settings, history }: OpenWindow): FeatureWindow {
  return startFeatureWindow({ product, timeframeMs: settings.timeframe_ms, windowSeconds: settings.window_seconds, history })
}

/** The window has the history; a new run needs to be told only what it is of. */
function withoutHistory(opening: OpenWindow): OpenWindow {
  return { ...opening, history: [] }
}

/** After a pause, history may know what the ticks missed. */
function isAhead(history: readonly Candle[], window: FeatureWindow): boolean {
  const last = history.at(-1)
  return last !== undefined && last.start + last.timeframe_ms > endOf(window)
}

/** A stream that began without its history may be given it later. */
function isLonger(history: readonly Candle[], { candles, open_candle: open }: FeatureWindow): boolean {
  const [[first], known] = [history, candles[0] ?? open]
  return first !== undefined && candles.length < featureCandles && (known === null || first.start < known.start)
}

/** The first market time at which all that the window holds may be seen; 0 while it holds nothing. */
function endOf({ last_tick, candles }: FeatureWindow): number {
  const last = candles.at(-1)
  return Math.max(last_tick === null ? 0 : last_tick.market_time + 1, last === undefined ? 0 : last.start + last.timeframe_ms)
}
