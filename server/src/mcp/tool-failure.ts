import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { isTransient } from '../database/database-error.ts'
import { isRefusalCode, type RefusalCode } from '../refusal-code.ts'
import { Refusal } from './tool.ts'

/** A condition that many tools meet in the same way, such as that no run exists yet. Its code and sentence go to the caller. */
export class ToolFailure extends Error {
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** What a caller may know of a failure; null when it is unknown and must only be logged. */
export function knownFailure(error: unknown): Refusal | null {
  if (error instanceof ToolFailure) return new Refusal(error.code, error.message)
  // A workflow's own refusal, as sendUpdate hands it on.
  if (error instanceof ApplicationFailure) return new Refusal(codeOf(error), error.message)
  if (error instanceof WorkflowNotFoundError) {
    return new Refusal('WORKFLOW_NOT_RUNNING', `${error.workflowId} is not running; \`trader status\` shows what is`)
  }
  if (isGrpcDeadlineError(error) || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
    return new Refusal('TIMEOUT', 'Temporal or its worker did not answer in time; `trader status` shows what runs')
  if (isGrpcServiceError(error)) return new Refusal('TEMPORAL_UNAVAILABLE', 'Temporal cannot be reached; `trader status` shows what runs')
  if (isTransient(error)) return new Refusal('DATABASE_UNAVAILABLE', 'Postgres cannot be reached; `trader status` shows what runs')
  return null
}

/** `LEDGER_REFUSED` for a failure of type `LedgerRefused`. */
function codeOf({ type }: ApplicationFailure): RefusalCode {
  const code = (type ?? '').replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()
  return isRefusalCode(code) ? code : 'UPDATE_FAILED'
}
