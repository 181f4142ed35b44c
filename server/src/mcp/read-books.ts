import type { Balances } from '@trader/core/contract/ledger-messages'
import type { Portfolio, Position } from '@trader/core/contract/position'
import type { Run } from '@trader/core/contract/run'
import { ledgerStateQuery } from '@trader/workflows/messages'
import { executionLedgerId } from '@trader/workflows/names'
import { getBalances } from '../database/queries/get-balances.ts'
import { getPositions } from '../database/queries/get-positions.ts'
import { marketNow } from '../trading/market-now.ts'
import { readPortfolio } from '../trading/read-portfolio.ts'
import { knownFailure } from './tool-failure.ts'
import type { ToolContext } from './tool.ts'

/** An idle ledger answers in milliseconds; a worker that is away must not hold up the answer. */
const queryDeadlineMs = 3000

/** Where a book's figures come from: the ledger workflow, or Postgres where it did not answer for this run. */
export type BooksStatus = 'ok' | 'fallback'

/** A run's portfolio as of now. */
export async function currentPortfolio(context: ToolContext, run: Run): Promise<{ status: BooksStatus; portfolio: Portfolio }> {
  const { status, ...books } = await readBooks(context, run)
  const marketTime = marketNow({ run, wallTime: context.now() })
  return { status, portfolio: await readPortfolio(context.pool, { run, ...books, marketTime }) }
}

interface Books {
  readonly status: BooksStatus
  readonly balances: Balances
  readonly positions: readonly Position[]
}

async function readBooks({ pool, temporal }: ToolContext, run: Run): Promise<Books> {
  const stored = async (status: BooksStatus): Promise<Books> => {
    const [balances, positions] = await Promise.all([getBalances(pool, run.run_id), getPositions(pool, run.run_id)])
    return { status, balances, positions }
  }
  // The books of a finished run are closed: no workflow keeps them.
  if (run.status === 'finished') return stored('ok')
  try {
    const handle = temporal.workflow.getHandle(executionLedgerId(run.book))
    const state = await temporal.withDeadline(Date.now() + queryDeadlineMs, () => handle.query(ledgerStateQuery))
    if (state.run_id === run.run_id) return { status: 'ok', balances: state.balances, positions: Object.values(state.positions) }
  } catch (error) {
    if (knownFailure(error) === null) throw error
  }
  return stored('fallback')
}
