import { randomUUID } from 'node:crypto'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type { ReleaseOrder } from '@trader/core/contract/ledger-messages'
import type { Order } from '@trader/core/contract/order'
import { releaseUpdate } from '@trader/workflows/messages'
import { executionLedgerId } from '@trader/workflows/names'
import { type Pool, withTransaction } from '../database/pool.ts'
import { unsentOrders } from '../database/queries/lost-orders.ts'
import { releaseOrder } from '../database/queries/release-order.ts'
import { describeError } from '../exit-code.ts'
import { reviveOrder } from '../exchange/paper/revive-order.ts'
import { marketNow } from '../trading/market-now.ts'
import { openRunOf } from '../trading/open-run-of.ts'
import { sendUpdate } from '../workflow-update.ts'

const everyMs = 15_000
/** An order is sent milliseconds after it was reserved. By now its maker is gone, or whoever asked has long been told that it failed. */
const patienceMs = 120_000

interface Services {
  readonly pool: Pool
  readonly client: Client
  readonly log: (text: string) => void
}

/**
 * Looks for orders that were reserved and have no workflow to send them: their maker was ended, timed out, or never heard that its
 * reservation came to pass. An entry or a sale is released, never sent late; a stop or take-profit gets its workflow back, because
 * nothing else protects its position. Both are decided by the order's row in Postgres: whatever sends it at the same moment either
 * comes first, and is left alone, or finds it over.
 */
export class LostOrders {
  readonly #services: Services & { readonly patienceMs?: number }
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(services: Services & { readonly patienceMs?: number }) {
    this.#services = services
  }

  start(): void {
    this.#look()
    this.#timer = setInterval(() => this.#look(), everyMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  #look(): void {
    const { log } = this.#services
    this.#looking = this.#looking
      .then(() => this.settle())
      .catch((error: unknown) => log(`lost orders were not looked for, trying again in ${everyMs / 1000} s: ${describeError(error)}`))
  }

  /** One look at all of them. */
  async settle(): Promise<void> {
    const { pool, patienceMs: waitMs = patienceMs } = this.#services
    for (const order of await unsentOrders(pool, { before: Date.now() - waitMs })) {
      if (!(await this.#hasWorkflow(order))) await this.#settleOne(order)
    }
  }

  async #hasWorkflow({ workflow_id }: Order): Promise<boolean> {
    try {
      const { status } = await this.#services.client.workflow.getHandle(workflow_id).describe()
      return status.name === 'RUNNING'
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false
      throw error
    }
  }

  async #settleOne(order: Order): Promise<void> {
    const { client, pool, log } = this.#services
    const { order_id, run_id, book, type } = order
    if (type === 'stop' || type === 'take_profit') {
      if (await reviveOrder({ client, db: pool }, order_id))
        log(`${type} ${order_id} of run ${run_id} had lost its workflow and has it again`)
      return
    }
    const reason = 'it was reserved but never sent: what was to send it is gone'
    const run = await openRunOf(pool, { runId: run_id, book })
    const market_time = marketNow({ run, wallTime: Date.now() })
    await this.#release({ order_id, run_id, book, from: 'RESERVED', state: 'ABORTED', reason, market_time })
    log(`order ${order_id} of run ${run_id} is released: ${reason}`)
  }

  /** By the ledger, which knows the balances; straight in Postgres where the ledger has another run open, or is not there. */
  async #release(request: ReleaseOrder): Promise<void> {
    const { client, pool } = this.#services
    const target = { workflowId: executionLedgerId(request.book), update: releaseUpdate, updateId: `lost:${randomUUID()}` }
    try {
      await sendUpdate(client, { ...target, input: request })
    } catch (error) {
      const isElsewhere = error instanceof WorkflowNotFoundError || (error instanceof ApplicationFailure && error.type === 'LedgerRefused')
      if (!isElsewhere) throw error
      await withTransaction(pool, (db) => releaseOrder(db, request))
    }
  }
}
