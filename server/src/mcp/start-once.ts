import { createHash } from 'node:crypto'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { type JsonValue, canonicalJson } from '@trader/core/order/canonical-json'
import { z } from 'zod'
import { Refusal, type ToolContext } from './tool.ts'

/** What every tool with an idempotency key says of its answer. */
export const replay = {
  replayed: z.boolean().describe('Whether this is the recorded answer of an earlier call with the same key: then nothing was done now.'),
  first_called_at: z.int().describe('When the key was first used, ms since 1970.'),
}
export type Replay = z.output<z.ZodObject<typeof replay>>

interface Call {
  readonly workflow: string
  /** Made of the key, so that a repeated call meets the first one, running or done, and has its answer. */
  readonly workflowId: string
  readonly key: string
  readonly input: object
  /** What makes two calls the same: not how long the caller waits, nor who he is. */
  readonly fact: JsonValue
}

/** Starts what a call asks for, once per key. Used before for something else, the key is refused. */
export async function startOnce({ temporal, taskQueue, now }: ToolContext, call: Call): Promise<Replay | Refusal> {
  const { workflow, workflowId, key, input, fact } = call
  const body = createHash('sha256').update(canonicalJson(fact)).digest('hex')
  const first_called_at = now()
  try {
    await temporal.workflow.start(workflow, {
      workflowId,
      taskQueue,
      args: [input],
      memo: { body, first_called_at },
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    })
    return { replayed: false, first_called_at }
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    const { memo, startTime } = await temporal.workflow.getHandle(workflowId).describe()
    if (memo?.['body'] !== body)
      return new Refusal('IDEMPOTENCY_CONFLICT', `key ${key} was used before for something else or in another run; nothing was done`)
    return { replayed: true, first_called_at: Number(memo['first_called_at'] ?? startTime.getTime()) }
  }
}

/** A refusal that was recorded, told as such: the world may be another by now, and only a new key asks it again. */
export function recorded(refusal: Refusal, { key, replay: seen }: { key: string; replay: Replay }): Refusal {
  const { code, message, details } = refusal
  if (!seen.replayed) return refusal
  const when = new Date(seen.first_called_at).toISOString()
  const told = `${message} (this is the recorded answer to key ${key}, first used at ${when}: nothing was asked again; a new attempt needs a new key)`
  return new Refusal(code, told, { ...details, ...seen })
}
