import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  executeChild,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow'
import { marketPlan, type LoadedHistory, type MarketPlan, type MarketStreamResult } from '@trader/core/contract/market-messages'
import { z } from 'zod'
import type { MarketFeedActivities } from './activities.ts'
import { HistoricalDataLoaderWorkflow } from './historical-data-loader.ts'
import * as messages from './messages.ts'
import { historicalLoaderId, subscriptionId } from './names.ts'
import { RollOver } from './roll-over.ts'
import { SubscribeCexStreamWorkflow } from './subscribe-cex-stream.ts'

const { finishRun } = proxyActivities<MarketFeedActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '100ms', maximumInterval: '10s' },
})

/**
 * The market of one run: its history, then its subscription. There is one such workflow, so starting again replaces. Every
 * replacement continues as new with the new plan, so a run's history holds one subscription and cannot grow.
 */
export async function MarketStreamWorkflow(plan: MarketPlan): Promise<MarketStreamResult> {
  let next: MarketPlan | 'stop' | null = null
  let phase: 'loading' | 'streaming' | 'stopping' = 'loading'
  let history: readonly LoadedHistory[] = []
  let isOver = false

  const updates = new RollOver()
  updates.handle(messages.replaceMarketStreamUpdate, marketPlan, async (wanted) => {
    const isSame = next === null && asText(wanted) === asText(plan)
    if (isSame) return { run_id: plan.run_id, replaced: false }
    next = wanted
    await condition(() => isOver)
    return { run_id: wanted.run_id, replaced: true }
  })
  updates.handle(messages.stopMarketStreamUpdate, z.null(), async () => {
    next = 'stop'
    await condition(() => isOver)
    return { run_id: plan.run_id }
  })
  setHandler(messages.marketStreamStatusQuery, () => ({ plan, phase, history: [...history] }))

  const stream = async (): Promise<Pick<MarketStreamResult, 'ended' | 'cursor'>> => {
    const loader = { workflowId: historicalLoaderId(plan.run_id), args: [plan] as [MarketPlan] }
    history = await executeChild(HistoricalDataLoaderWorkflow, loader)
    phase = 'streaming'
    const ended = await executeChild(SubscribeCexStreamWorkflow, { workflowId: subscriptionId, args: [{ plan, cursor: null }] })
    if (ended.ended === 'end_of_data') await finishRun({ run_id: plan.run_id, market_time: ended.cursor })
    return ended
  }

  const scope = new CancellationScope()
  const streaming = scope.run(stream)
  try {
    const ended = await Promise.race([streaming, condition(() => next !== null).then(() => null)])
    phase = 'stopping'
    if (ended === null) scope.cancel()
    const last = ended ?? (await untilCancelled(streaming))
    isOver = true
    await condition(allHandlersFinished)
    if (isPlan(next)) await continueAsNew<typeof MarketStreamWorkflow>(next)
    return { run_id: plan.run_id, ...last }
  } finally {
    isOver = true
  }
}

/** A feed that reached its end while it was told to stop has ended, not stopped. */
async function untilCancelled(streaming: Promise<Pick<MarketStreamResult, 'ended' | 'cursor'>>) {
  try {
    return await streaming
  } catch (error) {
    if (!isCancellation(error)) throw error
    return { ended: 'stopped', cursor: null } as const
  }
}

/** Also tells the compiler that handlers may have set it since. */
function isPlan(next: MarketPlan | 'stop' | null): next is MarketPlan {
  return next !== null && next !== 'stop'
}

/** Equal plans have equal texts: the schema orders their fields. */
function asText(plan: MarketPlan): string {
  return JSON.stringify(marketPlan.parse(plan))
}
