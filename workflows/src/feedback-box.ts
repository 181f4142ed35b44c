import { setHandler } from '@temporalio/workflow'
import { cleanText } from '@trader/core/agent/clean-text'
import { type AddFeedback, addFeedback, type AddFeedbackResult, type AgentRefusal } from '@trader/core/contract/agent-messages'
import type { Feedback } from '@trader/core/contract/feedback'
import type { Book } from '@trader/core/contract/primitives'
import type { AgentLog } from './agent-log.ts'
import type { FeedbackActivities } from './activities.ts'
import * as messages from './messages.ts'
import { receiving } from './receiving.ts'
import { requestId } from './request-id.ts'
import type { RollOver } from './roll-over.ts'

/** Signals that may wait for Postgres. Updates wait in their callers. */
const waitingSignals = 100
const rememberedUses = 100

export interface FeedbackBoxState {
  readonly pending: readonly Feedback[]
  /** Signalled and not stored yet. */
  readonly arrived: readonly { readonly feedback_id: string; readonly message: string }[]
  /** Ids of the messages used last: a list read from Postgres just before may still have them. */
  readonly used: readonly string[]
  /** Messages stored since the agent first started. */
  readonly received: number
}

interface FeedbackBoxParts {
  readonly target: Feedback['target']
  readonly book: Book
  readonly store: FeedbackActivities
  readonly log: AgentLog
  readonly state?: FeedbackBoxState | undefined
}

/** The user's messages to one agent: stored once each in Postgres, then waiting for the decision or evaluation that uses them. */
export class FeedbackBox {
  #pending: readonly Feedback[]
  #arrived: FeedbackBoxState['arrived']
  #used: readonly string[]
  #received: number
  readonly #parts: FeedbackBoxParts

  constructor(parts: FeedbackBoxParts) {
    this.#parts = parts
    this.#pending = parts.state?.pending ?? []
    this.#arrived = parts.state?.arrived ?? []
    this.#used = parts.state?.used ?? []
    this.#received = parts.state?.received ?? 0
  }

  get state(): FeedbackBoxState {
    return { pending: this.#pending, arrived: this.#arrived, used: this.#used, received: this.#received }
  }

  get pending(): Feedback[] {
    return [...this.#pending]
  }

  get received(): number {
    return this.#received
  }

  get hasArrived(): boolean {
    return this.#arrived.length > 0
  }

  listen(rollOver: RollOver): void {
    const refuse = this.#parts.log.refuse('add_user_feedback')
    rollOver.handle(messages.addUserFeedbackUpdate, addFeedback, (request) => this.#add(this.#named(request)))
    setHandler(
      messages.addUserFeedbackSignal,
      receiving(
        addFeedback,
        (request) => {
          if (this.#arrived.length < waitingSignals) this.#arrived = [...this.#arrived, this.#named(request)]
          else refuse(`${waitingSignals} messages wait to be stored`)
        },
        refuse,
      ),
    )
    setHandler(messages.pendingFeedbackQuery, () => this.pending)
  }

  async load(): Promise<void> {
    this.#set(await this.#parts.store.loadPendingFeedback(this.#parts.target))
  }

  /** Stores the oldest message that came by signal. */
  async takeIn(): Promise<void> {
    const next = this.#arrived[0]
    if (next === undefined) return
    const refuse = this.#parts.log.refuse('add_user_feedback')
    try {
      const result = await this.#add(next)
      if (!result.ok) refuse(result.detail)
    } catch (error) {
      refuse(String(error))
    }
    this.#arrived = this.#arrived.filter((waiting) => waiting !== next)
  }

  /** Messages that a decision or evaluation has used wait no longer. */
  forget(ids: readonly string[]): void {
    this.#used = [...this.#used, ...ids].slice(-rememberedUses)
    this.#set(this.#pending)
  }

  #set(pending: readonly Feedback[]): void {
    this.#pending = pending.filter((feedback) => !this.#used.includes(feedback.feedback_id))
  }

  #named({ feedback_id, message }: AddFeedback): { feedback_id: string; message: string } {
    return { feedback_id: feedback_id ?? requestId(), message }
  }

  async #add({ feedback_id, message }: { feedback_id: string; message: string }): Promise<AddFeedbackResult> {
    const { target, book, store } = this.#parts
    const cleaned = cleanText(message, 2000)
    if (cleaned === '') return refused('EMPTY_MESSAGE', 'the message has nothing to read')
    const { status, pending } = await store.storeFeedback({ feedback_id, target, message: cleaned, book })
    this.#set(pending)
    if (status === 'too_many') return refused('TOO_MANY_PENDING', `${pending.length} messages wait for the ${target} agent already`)
    if (status === 'conflict') return refused('IDEMPOTENCY_CONFLICT', `feedback ${feedback_id} is another message already`)
    if (status === 'stored') this.#received += 1
    return { ok: true, feedback_id, status, pending: pending.length }
  }
}

function refused(reason: AgentRefusal['reason'], detail: string): AgentRefusal {
  return { ok: false, reason, detail, problems: [] }
}
