import { condition, continueAsNew, getExternalWorkflowHandle, proxyActivities, setHandler } from '@temporalio/workflow'
import { cleanText } from '@trader/core/agent/clean-text'
import type { AgentRefusal } from '@trader/core/contract/agent-messages'
import { defaultPreferences, type Preferences, storedPreferences } from '@trader/core/contract/preferences'
import type { Book } from '@trader/core/contract/primitives'
import {
  type PromptChangeResult,
  type PromptVersionRef,
  type RollbackPrompt,
  rollbackPrompt,
  type UpdateSystemPrompt,
  updateSystemPrompt,
} from '@trader/core/contract/prompt-messages'
import { proposePrompt } from '@trader/core/judge/propose-prompt'
import { z } from 'zod'
import type {
  AgentLogActivities,
  FeedbackActivities,
  PreferencesActivities,
  PromptHistory,
  PromptStored,
  PromptVersionActivities,
} from './activities.ts'
import { AgentLog, type AgentLogState } from './agent-log.ts'
import { FeedbackBox, type FeedbackBoxState } from './feedback-box.ts'
import * as messages from './messages.ts'
import { executionAgentId } from './names.ts'
import { receiving } from './receiving.ts'
import { requestId } from './request-id.ts'
import { RollOver } from './roll-over.ts'
import { serially } from './serial.ts'
import { whileOpen } from './while-open.ts'

const store = proxyActivities<
  PromptVersionActivities & FeedbackActivities & AgentLogActivities & Pick<PreferencesActivities, 'loadPreferences'>
>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '100ms', maximumInterval: '10s', nonRetryableErrorTypes: ['LedgerRefused', 'IdempotencyConflict'] },
})

/** Signals that may wait for Postgres. */
const waitingSignals = 20

type PromptRequest = { readonly request_id: string } & (
  | { readonly type: 'update'; readonly change: UpdateSystemPrompt }
  | { readonly type: 'rollback'; readonly to: RollbackPrompt }
)

interface JudgeAgentState {
  /** References only: texts are in Postgres, by hash. */
  readonly history: PromptHistory
  readonly preferences: Preferences
  readonly arrived: readonly PromptRequest[]
  readonly feedback: FeedbackBoxState
  readonly log: AgentLogState
}

export interface JudgeAgentInput {
  readonly book: Book
  /** Handed on at continue-as-new; absent at the first start, when Postgres is read. */
  readonly state?: JudgeAgentState
}

/** Keeps the versions of the execution agent's prompt: adds them inside their mode's bounds, activates them, never edits one. */
export async function JudgeAgentWorkflow({ book, state }: JudgeAgentInput): Promise<void> {
  let history = state?.history
  let preferences: Preferences = state?.preferences ?? defaultPreferences
  let arrived = state?.arrived ?? []
  const log = new AgentLog('judge', state?.log)
  const feedback = new FeedbackBox({ target: 'judge', book, store, log, state: state?.feedback })
  const rollOver = new RollOver()
  const oneAtATime = serially()

  const load = async (): Promise<PromptHistory> => {
    preferences = await store.loadPreferences()
    await feedback.load()
    history = await store.loadPromptHistory({ book })
    return history
  }
  const known = async (): Promise<PromptHistory> => {
    await condition(() => history !== undefined)
    return history ?? load()
  }
  const activated = async ({ version, history: next }: PromptStored, previous: PromptVersionRef): Promise<PromptChangeResult> => {
    history = next
    await tellExecutionAgent(next.active)
    return { ok: true, version, previous_version: previous.version }
  }
  const update = async (request_id: string, change: UpdateSystemPrompt): Promise<PromptChangeResult> => {
    const { active } = await known()
    const proposal = proposePrompt({ active, preferences, change })
    if (!proposal.ok) return proposal
    const { reason, author, evidence = {}, created_by = null } = change
    const parent_version = active.version
    const stored = await store.storePromptVersion({
      request_id,
      draft: proposal.draft,
      reason,
      author,
      evidence,
      created_by,
      parent_version,
      book,
    })
    if (stored.status === 'stored') return activated(stored, active)
    history = stored.history
    return update(request_id, change)
  }
  const rollback = async (request_id: string, { version, reason, author = 'user' }: RollbackPrompt): Promise<PromptChangeResult> => {
    const { active } = await known()
    const stored = await store.activatePromptVersion({ request_id, version, reason, author, book })
    if (stored.status === 'stored') return activated(stored, active)
    history = stored.history
    if (stored.status === 'already_active') return refused('ALREADY_ACTIVE', `version ${version} is the active one`)
    return refused('UNKNOWN_VERSION', `there is no version ${version}; the newest is ${newestOf(history).version}`)
  }
  const change = (request: PromptRequest): Promise<PromptChangeResult> =>
    oneAtATime(async () => {
      const { type, request_id } = request
      const result = await (type === 'update' ? update(request_id, request.change) : rollback(request_id, request.to))
      const outcome = result.ok
        ? { version: result.version.version, previous_version: result.previous_version }
        : { refused: cleanText(result.detail, 1000) }
      log.add({ log_id: request_id, kind: 'action', payload: { action: `${type}_prompt`, ...outcome } })
      return result
    })
  const takeIn = async (): Promise<void> => {
    const next = arrived[0]
    if (next === undefined) return
    await change(next).catch((error: unknown) => log.refuse(`${next.type}_prompt`)(String(error)))
    arrived = arrived.filter((waiting) => waiting !== next)
  }
  const queue = (request: PromptRequest): void => {
    if (arrived.length < waitingSignals) arrived = [...arrived, request]
    else log.refuse(`${request.type}_prompt`)(`${waitingSignals} changes wait to be stored`)
  }

  feedback.listen(rollOver)
  rollOver.handle(messages.updateSystemPromptUpdate, updateSystemPrompt, (wish) =>
    change({ type: 'update', request_id: requestId(), change: wish }),
  )
  rollOver.handle(messages.rollbackPromptUpdate, rollbackPrompt, (to) => change({ type: 'rollback', request_id: requestId(), to }))
  rollOver.handle(messages.reloadUpdate, z.null(), () => oneAtATime(async () => void (await load())))
  setHandler(
    messages.updateSystemPromptSignal,
    receiving(
      updateSystemPrompt,
      (wish) => queue({ type: 'update', request_id: requestId(), change: wish }),
      log.refuse('update_system_prompt'),
    ),
  )
  setHandler(
    messages.rollbackPromptSignal,
    receiving(rollbackPrompt, (to) => queue({ type: 'rollback', request_id: requestId(), to }), log.refuse('rollback_prompt')),
  )
  setHandler(
    messages.preferencesChangedSignal,
    receiving(
      storedPreferences,
      ({ version: _version, updated_at: _updatedAt, ...wished }) => {
        preferences = wished
      },
      log.refuse('preferences_changed'),
    ),
  )
  setHandler(messages.promptVersionsQuery, (limit) => newestFirst(history?.versions ?? [], limit))
  setHandler(messages.currentPromptVersionQuery, () => history?.active ?? null)
  setHandler(messages.agentLogsQuery, log.find)

  if (state === undefined) await tellExecutionAgent((await load()).active)
  await Promise.all([
    whileOpen(rollOver, { hasWork: () => arrived.length > 0, work: takeIn }),
    whileOpen(rollOver, { hasWork: () => feedback.hasArrived, work: () => feedback.takeIn() }),
    whileOpen(rollOver, { hasWork: () => log.hasUnsaved, work: () => log.save(store.storeAgentLog) }),
  ])
  await rollOver.reached()
  await continueAsNew<typeof JudgeAgentWorkflow>({
    book,
    state: { history: await known(), preferences, arrived, feedback: feedback.state, log: log.state },
  })
}

/** Every decision reads the active version from Postgres; this only keeps the agent's own picture fresh. */
async function tellExecutionAgent(active: PromptVersionRef): Promise<void> {
  await getExternalWorkflowHandle(executionAgentId)
    .signal(messages.promptActivatedSignal, active)
    .catch(() => undefined)
}

function refused(reason: AgentRefusal['reason'], detail: string): AgentRefusal {
  return { ok: false, reason, detail, problems: [] }
}

function newestOf({ versions, active }: PromptHistory): PromptVersionRef {
  return versions.at(-1) ?? active
}

function newestFirst(versions: readonly PromptVersionRef[], limit: number | undefined): PromptVersionRef[] {
  const asked = z.int().min(1).safeParse(limit)
  return versions.toReversed().slice(0, asked.success ? asked.data : 10)
}
