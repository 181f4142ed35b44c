import type { Client } from '@temporalio/client'
import type { Candle } from '@trader/core/contract/candle'
import { type FeatureSettings, type MarketPlan, ticksPerSignal } from '@trader/core/contract/market-messages'
import type { Tick } from '@trader/core/contract/tick'
import { featureCandles } from '@trader/core/market/feature-candles'
import type { ComputeFeatureVectorWorkflow } from '@trader/workflows/compute-feature-vector'
import { missedCandlesSignal, openWindowSignal, tickBatchSignal } from '@trader/workflows/messages'
import { featureId } from '@trader/workflows/names'
import type { SignalDefinition } from '@temporalio/common'

/** How the feature workflows of a run are reached. Each is started by the first message that finds it missing. */
export interface FeatureTarget {
  readonly client: Client
  readonly taskQueue: string
  readonly plan: MarketPlan
  readonly timeframeMs: number
}

/** Opens a product's window for the run, with what is known of the time before. */
export async function openFeatureWindow(target: FeatureTarget, product: string, history: readonly Candle[]): Promise<void> {
  await tell(target, product, openWindowSignal, opening(target, product, history.slice(-featureCandles)))
}

/** Passes a batch on: one signal per product, or a few where it would be too large. */
export async function sendTicks(target: FeatureTarget, ticks: readonly Tick[]): Promise<void> {
  const byProduct = Map.groupBy(ticks, (tick) => tick.product)
  await Promise.all(
    [...byProduct].map(async ([product, ofProduct]) => {
      for (let from = 0; from < ofProduct.length; from += ticksPerSignal) {
        const batch = { run_id: target.plan.run_id, product, ticks: ofProduct.slice(from, from + ticksPerSignal) }
        await tell(target, product, tickBatchSignal, batch)
      }
    }),
  )
}

/** Tells of finished candles whose ticks were missed. */
export async function sendMissedCandles(target: FeatureTarget, candles: readonly Candle[]): Promise<void> {
  for (const [product, ofProduct] of Map.groupBy(candles, (candle) => candle.product)) {
    const missed = { run_id: target.plan.run_id, product, candles: ofProduct.slice(-featureCandles) }
    await tell(target, product, missedCandlesSignal, missed)
  }
}

function opening({ plan, timeframeMs }: FeatureTarget, product: string, history: readonly Candle[]) {
  const settings: FeatureSettings = { timeframe_ms: timeframeMs, ...plan.features }
  return { run_id: plan.run_id, product, settings, history: [...history] }
}

async function tell<Message>(target: FeatureTarget, product: string, signal: SignalDefinition<[Message]>, message: Message): Promise<void> {
  await target.client.workflow.signalWithStart<typeof ComputeFeatureVectorWorkflow, [Message]>('ComputeFeatureVectorWorkflow', {
    workflowId: featureId(product),
    taskQueue: target.taskQueue,
    args: [{ opening: opening(target, product, []) }],
    signal,
    signalArgs: [message],
  })
}
