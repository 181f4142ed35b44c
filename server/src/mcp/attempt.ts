import { ProtocolError } from '@modelcontextprotocol/server'
import { describeError } from '../exit-code.ts'
import { knownFailure } from './tool-failure.ts'
import { Refusal, type ToolContext } from './tool.ts'
import type { ToolServices } from './tool-context.ts'

/** Longest that one call may wait for Temporal, ms. */
const deadlineMs = 45_000

/** Does what a caller asked for. What it throws goes to the log, and to the caller as a code and a sentence and nothing more. */
export async function attempt<Result>(
  { log }: Pick<ToolServices, 'log'>,
  { context, name }: { context: ToolContext; name: string },
  work: () => Promise<Result>,
): Promise<Result | Refusal> {
  try {
    return await context.temporal.withDeadline(Date.now() + deadlineMs, work)
  } catch (error) {
    if (error instanceof ProtocolError) throw error // already in the protocol's words
    const known = knownFailure(error)
    const correlation_id = context.correlationId
    log({ level: known === null ? 'error' : 'warn', tool: name, correlation_id, error: describeError(error) })
    return (
      known ?? new Refusal('INTERNAL_ERROR', `${name} failed; the log of the MCP server says why under correlation id ${correlation_id}`)
    )
  }
}
