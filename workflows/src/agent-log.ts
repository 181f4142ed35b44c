import { ActivityFailure, uuid4 } from '@temporalio/workflow'
import { cleanText } from '@trader/core/agent/clean-text'
import { type AgentLogEntry, type AgentName, type LogQuery, logQuery } from '@trader/core/contract/agent-messages'
import { workflowNow } from './workflow-time.ts'

/**
 * Lines that are remembered, and that may wait to be stored. Postgres has them all, but where it was away for so long that more had to
 * wait: then the oldest of those are lost.
 */
const rememberedLines = 50
const waitingLines = 200
const storedAtOnce = 100

export interface AgentLogState {
  readonly entries: readonly AgentLogEntry[]
  readonly unsaved: readonly AgentLogEntry[]
}

export type LogLine = Pick<AgentLogEntry, 'kind' | 'payload'> & {
  readonly log_id?: string | undefined
  readonly correlation_id?: string | null
  readonly market_time?: number | null
}

/** What an agent remembers of what it did and was told, oldest first. A line that comes twice is one line. */
export class AgentLog {
  #entries: readonly AgentLogEntry[]
  #unsaved: readonly AgentLogEntry[]
  readonly #agent: AgentName

  constructor(agent: AgentName, state: AgentLogState = { entries: [], unsaved: [] }) {
    this.#agent = agent
    this.#entries = state.entries
    this.#unsaved = state.unsaved
  }

  get state(): AgentLogState {
    return { entries: this.#entries, unsaved: this.#unsaved }
  }

  add({ log_id = uuid4(), kind, payload, correlation_id = null, market_time = null }: LogLine): void {
    if (this.#entries.some((entry) => entry.log_id === log_id)) return
    const entry = { log_id, agent: this.#agent, kind, correlation_id, market_time, recorded_at: workflowNow(), payload }
    this.#entries = [...this.#entries, entry].slice(-rememberedLines)
    this.#unsaved = [...this.#unsaved, entry].slice(-waitingLines)
  }

  /** For a message that could not be taken: what it was for, and why not. */
  readonly refuse = (what: string) => {
    return (why: string): void => this.add({ kind: 'refused', payload: { message: what, why: cleanText(why, 1000) } })
  }

  /** Lines that match, newest first. A query that makes no sense asks for everything. */
  readonly find = (query: LogQuery = {}): AgentLogEntry[] => {
    const parsed = logQuery.safeParse(query)
    const { event_type, since_ts = 0, limit } = parsed.success ? parsed.data : logQuery.parse({})
    return this.#entries
      .filter((entry) => entry.recorded_at >= since_ts && (event_type === undefined || entry.kind === event_type))
      .toReversed()
      .slice(0, limit)
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.length > 0
  }

  /** Stores the oldest waiting lines; what comes meanwhile waits for the next time. What Postgres refuses is only remembered. */
  async save(store: (entries: readonly AgentLogEntry[]) => Promise<void>): Promise<void> {
    const batch = this.#unsaved.slice(0, storedAtOnce)
    await store(batch).catch((error: unknown) => {
      if (!(error instanceof ActivityFailure)) throw error
    })
    this.#unsaved = this.#unsaved.filter((entry) => !batch.includes(entry))
  }
}
