import { currentUpdateInfo, uuid4 } from '@temporalio/workflow'
import { id } from '@trader/core/contract/primitives'

/**
 * The id under which an update's effect is stored: its own, which stays the same when a caller sends it again, even to a
 * later run. Outside an update, or where the caller's id is free text, a new one.
 */
export function requestId(): string {
  const parsed = id.safeParse(currentUpdateInfo()?.id)
  return parsed.success ? parsed.data : uuid4()
}
