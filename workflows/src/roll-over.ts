import { ApplicationFailure, TemporalFailure, type UpdateDefinition } from '@temporalio/common'
import { allHandlersFinished, condition, setHandler, workflowInfo } from '@temporalio/workflow'
import { describeIssues } from '@trader/core/contract/describe-issues'
import type { z } from 'zod'
import { rollingOver } from './messages.ts'

/** Updates a run may take before it makes room: the server's own limit is 2,000. */
const updatesPerRun = 1_000

/**
 * Lets an update-driven workflow continue as new without losing an update: from the moment it is due no further
 * update is admitted, then the running ones finish. Waiting without refusing would starve under steady traffic.
 */
export class RollOver {
  #updates = 0
  #closed = false

  /**
   * Sets the handler of an update. It gets its input as the schema makes it, defaults and all. What does not fit is refused before
   * it is admitted, and nothing the handler throws can fail the workflow task, which would be retried for ever and wedge the workflow.
   */
  handle<Result, Input>(
    definition: UpdateDefinition<Result, [Input]>,
    schema: z.ZodType<Input>,
    handler: (input: Input) => Promise<Result>,
  ): void {
    const parse = (input: Input): Input => {
      const parsed = schema.safeParse(input)
      if (parsed.success) return parsed.data
      throw ApplicationFailure.nonRetryable(`${definition.name}: ${describeIssues(parsed.error.issues, { input })}`, 'InvalidInput')
    }
    const validator = (input: Input): void => {
      parse(input)
      this.#admit()
    }
    // Counted here: a validator does not run again when the workflow is replayed.
    const counting = (input: Input): Promise<Result> => {
      this.#updates += 1
      return failingOnlyTheUpdate(() => handler(parse(input)))
    }
    setHandler<Result, [Input], UpdateDefinition<Result, [Input]>>(definition, counting, { validator })
  }

  #admit(): void {
    if (this.#closed) throw ApplicationFailure.create({ type: rollingOver, message: 'rolling over to a new run; try again' })
  }

  get isDue(): boolean {
    const info = workflowInfo()
    return this.#updates >= updatesPerRun || info.continueAsNewSuggested
  }

  /** Waits until a new run is due, stops admitting and waits for the updates under way. */
  async reached(): Promise<void> {
    await condition(() => this.isDue)
    this.#closed = true
    await condition(allHandlersFinished)
  }
}

async function failingOnlyTheUpdate<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof TemporalFailure) throw error
    throw ApplicationFailure.nonRetryable(error instanceof Error ? error.message : String(error), 'BrokenPromise')
  }
}
