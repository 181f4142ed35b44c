import type { Client } from '@temporalio/client'
import type { LedgerClientActivities } from '@trader/workflows/activities'
import * as messages from '@trader/workflows/messages'
import { executionLedgerId } from '@trader/workflows/names'
import { sendUpdate } from '../../workflow-update.ts'

/** The execution ledger of a book, reached by updates whose ids are those of what they post. */
export function createLedgerClientActivities({ client }: { client: Client }): LedgerClientActivities {
  return {
    reserveOrders: (batch) =>
      sendUpdate(client, {
        workflowId: executionLedgerId(batch.book),
        update: messages.reserveUpdate,
        input: batch,
        updateId: `reserve:${batch.batch_id}`,
      }),
    reserveTriggeredOrder: (request) =>
      sendUpdate(client, {
        workflowId: executionLedgerId(request.book),
        update: messages.reserveTriggeredUpdate,
        input: request,
        updateId: `trigger:${request.order_id}:${request.attempt}`,
      }),
    recordFill: (request) =>
      sendUpdate(client, {
        workflowId: executionLedgerId(request.book),
        update: messages.recordFillUpdate,
        input: request,
        updateId: `fill:${request.fill.fill_id}`,
      }),
    releaseOrder: (request) =>
      sendUpdate(client, {
        workflowId: executionLedgerId(request.book),
        update: messages.releaseUpdate,
        input: request,
        updateId: `release:${request.order_id}`,
      }),
  }
}
