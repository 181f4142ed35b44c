import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type { Book } from '@trader/core/contract/primitives'
import type { TradingFlag as TradingState } from '@trader/core/contract/trading-flag'
import { setTradingFlagUpdate } from '@trader/workflows/messages'
import { executionAgentId } from '@trader/workflows/names'
import type { Database } from '../database/pool.ts'
import { getTradingFlag, setTradingFlag } from '../database/queries/trading-flag.ts'
import { sendUpdate } from '../workflow-update.ts'

/** An agent that is there answers in milliseconds. Stopping must not wait for one that is not. */
const agentDeadlineMs = 5000

export interface FlagChange {
  readonly book: Book
  readonly state: TradingState
  readonly reason: string
  /** Who asks, for the record. */
  readonly by: string
  /** Market time, ms. */
  readonly marketTime: number
}

export interface FlagResult {
  readonly state: TradingState
  readonly previous: TradingState | null
  /** `kept`: the agent has it while Postgres is away, and copies it before the next reserve. */
  readonly status: 'stored' | 'kept'
}

/** Either may be away. */
export interface FlagServices {
  readonly temporal: Client | null
  readonly database: Database | null
}

/**
 * Pauses, resumes or halts; but a pause never loosens a halt, which only a resume, or selling everything (`mayLoosen`), does.
 */
export async function setFlag(services: FlagServices, change: FlagChange & { readonly mayLoosen?: boolean }): Promise<FlagResult> {
  const { mayLoosen = false, ...wanted } = change
  if (wanted.state === 'paused' && !mayLoosen && (await isHalted(services, wanted.book))) {
    return { state: 'halted', previous: 'halted', status: 'stored' }
  }
  return putFlag(services, wanted)
}

/** What Postgres says; unknown counts as not halted, for stopping must not wait for it. */
async function isHalted({ database }: FlagServices, book: Book): Promise<boolean> {
  if (database === null) return false
  return getTradingFlag(database, book).then(
    ({ state }) => state === 'halted',
    () => false,
  )
}

/** Sets the flag: by the execution agent, or straight in Postgres where the agent does not answer. One of them must. */
async function putFlag({ temporal, database }: FlagServices, change: FlagChange): Promise<FlagResult> {
  const failures: unknown[] = []
  if (temporal !== null) {
    try {
      return await askAgent(temporal, change)
    } catch (error) {
      // The agent said no, rather than nothing.
      if (error instanceof ApplicationFailure || database === null) throw error
      failures.push(error)
    }
  }
  if (database === null) throw new Error(`neither Temporal nor Postgres is there to set ${change.state} in`)
  try {
    return await writeFlag(database, change)
  } catch (error) {
    throw new AggregateError([...failures, error], `trading could not be set to ${change.state}`, { cause: error })
  }
}

async function askAgent(temporal: Client, { state, reason, by }: FlagChange): Promise<FlagResult> {
  const answer = await temporal.withDeadline(Date.now() + agentDeadlineMs, () =>
    sendUpdate(temporal, {
      workflowId: executionAgentId,
      update: setTradingFlagUpdate,
      input: { flag: state, reason, by },
      updateId: `flag:${randomUUID()}`,
    }),
  )
  return { state: answer.flag, previous: answer.previous, status: answer.status }
}

async function writeFlag(database: Database, { book, state, reason, by, marketTime }: FlagChange): Promise<FlagResult> {
  const { state: previous } = await getTradingFlag(database, book)
  const { flag } = await setTradingFlag(database, { book, state, reason, who: by, market_time: marketTime })
  return { state: flag.state, previous, status: 'stored' }
}
