import { condition, continueAsNew, proxyActivities, setHandler } from '@temporalio/workflow'
import {
  actionLog,
  type DecisionLog,
  decisionLog,
  type ExecutionStats,
  type KeptTradingFlag,
  type SetTradingFlag,
  setTradingFlag,
  type SetTradingFlagResult,
  summaryLog,
} from '@trader/core/contract/agent-messages'
import { storedPreferences } from '@trader/core/contract/preferences'
import type { Book } from '@trader/core/contract/primitives'
import { promptVersionRef } from '@trader/core/contract/prompt-messages'
import { z } from 'zod'
import type { AgentLogActivities, FeedbackActivities, TradingFlagActivities } from './activities.ts'
import { AgentLog, type AgentLogState } from './agent-log.ts'
import { FeedbackBox, type FeedbackBoxState } from './feedback-box.ts'
import * as messages from './messages.ts'
import { receiving } from './receiving.ts'
import { RollOver } from './roll-over.ts'
import { whileOpen } from './while-open.ts'
import { workflowNow } from './workflow-time.ts'

const store = proxyActivities<FeedbackActivities & AgentLogActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '100ms', maximumInterval: '10s', nonRetryableErrorTypes: ['LedgerRefused'] },
})
/** A halt that Postgres could not take yet must be there as soon as it can. */
const flagStore = proxyActivities<TradingFlagActivities>({
  startToCloseTimeout: '5s',
  retry: { initialInterval: '100ms', maximumInterval: '1s' },
})

const rememberedDecisions = 50
/** How long a caller waits to hear that the flag is in Postgres. */
const flagPatience = '3s'

interface ExecutionAgentState {
  readonly flag: KeptTradingFlag | null
  readonly decisions: readonly DecisionLog[]
  readonly stats: ExecutionStats
  readonly preferences_version: number | null
  readonly prompt_version: number | null
  readonly feedback: FeedbackBoxState
  readonly log: AgentLogState
}

export interface ExecutionAgentInput {
  readonly book: Book
  /** Handed on at continue-as-new; absent at the first start, when Postgres is read. */
  readonly state?: ExecutionAgentState
}

/** The memory of the agent that decides: what its decisions did, what it was told, and whether it may trade. */
export async function ExecutionAgentWorkflow({ book, state }: ExecutionAgentInput): Promise<void> {
  let flag = state?.flag ?? null
  let decisions = state?.decisions ?? []
  let stats = state?.stats ?? nothingCounted()
  let preferencesVersion = state?.preferences_version ?? null
  let promptVersion = state?.prompt_version ?? null
  const log = new AgentLog('execution', state?.log)
  const feedback = new FeedbackBox({ target: 'execution', book, store, log, state: state?.feedback })
  const rollOver = new RollOver()

  /** Flags set and flags known to be in Postgres, counted within this run. */
  let flagsSet = 0
  let flagsStored = 0

  const load = async (): Promise<void> => {
    const setBefore = flagsSet
    const stored = await flagStore.loadTradingFlag({ book })
    if (flagsSet === setBefore && flag?.is_stored !== false) flag = stored
    await feedback.load()
  }
  const setFlag = async (request: SetTradingFlag): Promise<SetTradingFlagResult> => {
    const previous = flag?.flag ?? null
    flag = { ...request, set_at: workflowNow(), is_stored: false }
    flagsSet += 1
    const turn = flagsSet
    const isStored = await condition(() => flagsStored >= turn, flagPatience)
    return { flag: request.flag, previous, status: isStored ? 'stored' : 'kept' }
  }
  const copyFlag = async (): Promise<void> => {
    if (flag === null) return
    const turn = flagsSet
    await flagStore.storeTradingFlag({ flag: flag.flag, reason: flag.reason, by: flag.by, book })
    flagsStored = turn
    if (flagsSet === turn) flag = { ...flag, is_stored: true }
  }
  const remember = (decision: DecisionLog): void => {
    if (decisions.some(({ id }) => id === decision.id)) return
    decisions = [...decisions, decision].slice(-rememberedDecisions)
    feedback.forget(decision.feedback_used)
    stats = counted(stats, decision)
  }
  const refuse = (what: string) => {
    const note = log.refuse(what)
    return (why: string): void => {
      stats = { ...stats, refused_messages: stats.refused_messages + 1 }
      note(why)
    }
  }

  feedback.listen(rollOver)
  rollOver.handle(messages.setTradingFlagUpdate, setTradingFlag, setFlag)
  rollOver.handle(messages.reloadUpdate, z.null(), load)
  setHandler(messages.logDecisionSignal, receiving(decisionLog, remember, refuse('log_decision')))
  setHandler(
    messages.logActionSignal,
    receiving(
      actionLog,
      ({ action, detail, ...header }) => log.add({ ...header, kind: 'action', payload: { action, detail } }),
      refuse('log_action'),
    ),
  )
  setHandler(
    messages.logSummarySignal,
    receiving(summaryLog, ({ summary, ...header }) => log.add({ ...header, kind: 'summary', payload: { summary } }), refuse('log_summary')),
  )
  setHandler(
    messages.preferencesChangedSignal,
    receiving(
      storedPreferences,
      ({ version }) => {
        preferencesVersion = version
      },
      refuse('preferences_changed'),
    ),
  )
  setHandler(
    messages.promptActivatedSignal,
    receiving(
      promptVersionRef,
      ({ version }) => {
        promptVersion = version
      },
      refuse('prompt_version_activated'),
    ),
  )
  setHandler(messages.agentLogsQuery, log.find)
  setHandler(messages.recentDecisionsQuery, (limit) => newest(decisions, limit))
  setHandler(messages.recentActionsQuery, (limit = 10) => log.find({ event_type: 'action', limit }))
  setHandler(messages.executionStatsQuery, () => ({ ...stats, feedback_received: feedback.received }))
  setHandler(messages.executionStateQuery, () => ({
    trading_flag: flag,
    preferences_version: preferencesVersion,
    prompt_version: promptVersion,
    last_decision: decisions.at(-1) ?? null,
    pending_feedback: feedback.pending,
  }))

  await Promise.all([
    whileOpen(rollOver, { hasWork: () => flag !== null && !flag.is_stored, work: copyFlag }),
    (state === undefined ? load() : Promise.resolve()).then(() =>
      Promise.all([
        whileOpen(rollOver, { hasWork: () => feedback.hasArrived, work: () => feedback.takeIn() }),
        whileOpen(rollOver, { hasWork: () => log.hasUnsaved, work: () => log.save(store.storeAgentLog) }),
      ]),
    ),
  ])
  await rollOver.reached()
  await continueAsNew<typeof ExecutionAgentWorkflow>({
    book,
    state: {
      flag,
      decisions,
      stats,
      preferences_version: preferencesVersion,
      prompt_version: promptVersion,
      feedback: feedback.state,
      log: log.state,
    },
  })
}

function counted(stats: ExecutionStats, decision: DecisionLog): ExecutionStats {
  return {
    ...stats,
    decisions: stats.decisions + 1,
    trades: stats.trades + (decision.action === 'TRADE' ? 1 : 0),
    holds: stats.holds + (decision.action === 'HOLD' ? 1 : 0),
    orders: stats.orders + decision.orders.length,
    blocks: stats.blocks + decision.blocks,
    model_calls: stats.model_calls + decision.model_calls,
    feedback_used: stats.feedback_used + decision.feedback_used.length,
  }
}

function nothingCounted(): ExecutionStats {
  return {
    decisions: 0,
    trades: 0,
    holds: 0,
    orders: 0,
    blocks: 0,
    model_calls: 0,
    feedback_received: 0,
    feedback_used: 0,
    refused_messages: 0,
    since: workflowNow(),
  }
}

/** The newest, newest first; 10 where no sensible number is asked for. */
function newest<T>(items: readonly T[], limit: number | undefined): T[] {
  const asked = z.int().min(1).safeParse(limit)
  return items.toReversed().slice(0, asked.success ? asked.data : 10)
}
