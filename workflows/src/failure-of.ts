import { ActivityFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow'
import { cleanText } from '@trader/core/agent/clean-text'

/**
 * What came of an activity that failed for good: whether it was refused (`isPermanent`), or only not done within its time, and its
 * innermost words. A cancellation, and what is no activity's failure, is thrown on.
 */
export function failureOf(error: unknown): { readonly isPermanent: boolean; readonly why: string } {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error
  let cause: Error = error
  while (cause.cause instanceof Error) cause = cause.cause
  // Temporal calls a time limit that has passed not retryable as well.
  const isPermanent = error.retryState === 'NON_RETRYABLE_FAILURE' && !(error.cause instanceof TimeoutFailure)
  return { isPermanent, why: cleanText(cause.message, 500) }
}
