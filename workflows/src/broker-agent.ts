import { condition, continueAsNew, getExternalWorkflowHandle, proxyActivities, setHandler } from '@temporalio/workflow'
import { cleanText } from '@trader/core/agent/clean-text'
import { changedPreferences, parsePreferencesChange } from '@trader/core/agent/preferences-change'
import {
  type AgentRefusal,
  type FieldProblem,
  interactionLog,
  type PreferencesPatch,
  preferencesPatch,
  type SetPreferencesResult,
} from '@trader/core/contract/agent-messages'
import { defaultPreferences, type StoredPreferences } from '@trader/core/contract/preferences'
import type { Book } from '@trader/core/contract/primitives'
import { z } from 'zod'
import type { AgentLogActivities, PreferencesActivities } from './activities.ts'
import { AgentLog, type AgentLogState } from './agent-log.ts'
import * as messages from './messages.ts'
import { executionAgentId, judgeAgentId } from './names.ts'
import { receiving } from './receiving.ts'
import { requestId } from './request-id.ts'
import { RollOver } from './roll-over.ts'
import { serially } from './serial.ts'
import { whileOpen } from './while-open.ts'

const store = proxyActivities<PreferencesActivities & AgentLogActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '100ms', maximumInterval: '10s', nonRetryableErrorTypes: ['LedgerRefused'] },
})

/** Signals that may wait for Postgres, and how long a caller waits for the ledger to follow. */
const waitingSignals = 100
const ledgerPatience = '5s'

interface BrokerAgentState {
  readonly preferences: StoredPreferences
  /** The version that the ledger and the other agents were told of last. */
  readonly told_version: number
  readonly arrived: readonly ArrivedPatch[]
  readonly log: AgentLogState
}

interface ArrivedPatch {
  readonly request_id: string
  readonly patch: PreferencesPatch
}

export interface BrokerAgentInput {
  readonly book: Book
  /** Handed on at continue-as-new; absent at the first start, when Postgres is read. */
  readonly state?: BrokerAgentState
}

/** Speaks for the user: keeps the preferences, passes them on, and remembers what was said. */
export async function BrokerAgentWorkflow({ book, state }: BrokerAgentInput): Promise<void> {
  let preferences: StoredPreferences = state?.preferences ?? { ...defaultPreferences, version: 0, updated_at: 0 }
  let isLoaded = state !== undefined
  let toldVersion = state?.told_version ?? 0
  let ledgerVersion = toldVersion
  let arrived = state?.arrived ?? []
  const log = new AgentLog('broker', state?.log)
  const rollOver = new RollOver()
  const oneAtATime = serially()

  const load = async (): Promise<void> => {
    preferences = await store.loadPreferences()
    isLoaded = true
  }
  /** What Postgres has now may be older than what was told. */
  const reload = async (): Promise<void> => {
    await load()
    toldVersion = -1
  }
  const refusePatch = log.refuse('set_user_preferences')
  const setPreferences = ({ request_id, patch }: ArrivedPatch): Promise<SetPreferencesResult> =>
    oneAtATime(async () => {
      await condition(() => isLoaded)
      const parsed = parsePreferencesChange(patch)
      if (!parsed.ok) return refused('INVALID_PREFERENCES', parsed.problems)
      if (Object.keys(patch).length === 0) return refused('NOTHING_TO_CHANGE', [])
      const changed = changedPreferences(preferences, parsed.change)
      if (changed.length > 0) {
        const stored = await store.storePreferences({ request_id, change: parsed.change, book })
        if (stored.status === 'conflict') return { ok: false, reason: 'IDEMPOTENCY_CONFLICT', detail: stored.detail, problems: [] }
        preferences = stored.preferences
      }
      return { ok: true, preferences, changed, ledger: 'pending' }
    })
  const note = ({ request_id, patch }: ArrivedPatch, result: SetPreferencesResult): void => {
    const outcome = result.ok
      ? { version: result.preferences.version, changed: result.changed }
      : { refused: cleanText(result.detail, 1000) }
    log.add({ log_id: request_id, kind: 'interaction', payload: { by: 'user', set_user_preferences: patch, ...outcome } })
  }
  const answer = async (request: ArrivedPatch): Promise<SetPreferencesResult> => {
    const result = await setPreferences(request)
    note(request, result)
    if (!result.ok) return result
    const { version } = result.preferences
    await condition(() => toldVersion >= version, ledgerPatience)
    return { ...result, ledger: ledgerVersion >= version ? 'applied' : 'pending' }
  }
  const takeIn = async (): Promise<void> => {
    const next = arrived[0]
    if (next === undefined) return
    try {
      note(next, await setPreferences(next))
    } catch (error) {
      refusePatch(String(error))
    }
    arrived = arrived.filter((waiting) => waiting !== next)
  }
  const tellOthers = async (): Promise<void> => {
    const news = preferences
    await tellAgent(executionAgentId, news)
    await tellAgent(judgeAgentId, news)
    try {
      await store.applyScrapeFraction({ book, preferences: news })
      ledgerVersion = news.version
    } catch (error) {
      log.refuse('set_scrape_fraction')(String(error))
    }
    toldVersion = news.version
  }

  rollOver.handle(messages.setUserPreferencesUpdate, preferencesPatch, (patch) => answer({ request_id: requestId(), patch }))
  rollOver.handle(messages.reloadUpdate, z.null(), () => oneAtATime(reload))
  setHandler(
    messages.setUserPreferencesSignal,
    receiving(
      preferencesPatch,
      (patch) => {
        if (arrived.length < waitingSignals) arrived = [...arrived, { request_id: requestId(), patch }]
        else refusePatch(`${waitingSignals} changes wait to be stored`)
      },
      refusePatch,
    ),
  )
  setHandler(
    messages.logInteractionSignal,
    receiving(
      interactionLog,
      ({ by, text, ...header }) => log.add({ ...header, kind: 'interaction', payload: { by, text } }),
      log.refuse('log_interaction'),
    ),
  )
  setHandler(messages.userPreferencesQuery, () => preferences)
  setHandler(messages.agentLogsQuery, log.find)

  if (!isLoaded) await load()
  await Promise.all([
    whileOpen(rollOver, { hasWork: () => toldVersion < preferences.version, work: tellOthers }),
    whileOpen(rollOver, { hasWork: () => arrived.length > 0, work: takeIn }),
    whileOpen(rollOver, { hasWork: () => log.hasUnsaved, work: () => log.save(store.storeAgentLog) }),
  ])
  await rollOver.reached()
  await continueAsNew<typeof BrokerAgentWorkflow>({ book, state: { preferences, told_version: toldVersion, arrived, log: log.state } })
}

/** An agent that does not run reads the preferences from Postgres when it starts. */
async function tellAgent(workflowId: string, preferences: StoredPreferences): Promise<void> {
  await getExternalWorkflowHandle(workflowId)
    .signal(messages.preferencesChangedSignal, preferences)
    .catch(() => undefined)
}

function refused(reason: AgentRefusal['reason'], problems: readonly FieldProblem[]): AgentRefusal {
  const detail = problems.length === 0 ? 'no preference was given' : problems.map(({ field, problem }) => `${field} ${problem}`).join('; ')
  return { ok: false, reason, detail, problems: [...problems] }
}
