import { timeframes } from '@trader/core/market/timeframe'
import type { Run } from '@trader/core/contract/run'
import { fillDays } from '../../database/queries/fill-days.ts'
import { listRuns } from '../../database/queries/find-run.ts'
import { listDecisions } from '../../database/queries/list-decisions.ts'
import { listPromptVersions } from '../../database/queries/list-prompt-versions.ts'
import type { Completer } from '../resource.ts'
import { ToolFailure } from '../tool-failure.ts'
import type { ToolContext } from '../tool.ts'

const mostDecisions = 500
const mostRuns = 500

/** Products of the newest run: those there are prices of. */
export const completeProduct: Completer = ofNewestRun(async (_, { products }) => products, upperCase)

export const completeDay: Completer = ofNewestRun(({ pool }, { run_id: runId }) => fillDays(pool, { runId }))

export const completeDecision: Completer = ofNewestRun(async ({ pool }, { run_id: runId }) => {
  const decisions = await listDecisions(pool, { runId, limit: mostDecisions })
  return decisions.map(({ id }) => id)
})

export const completeRun: Completer = async ({ pool }, start) => {
  const runs = await listRuns(pool, { limit: mostRuns })
  return starting(
    runs.map(({ run_id }) => run_id),
    start,
  )
}

export const completeVersion: Completer = async ({ pool }, start) => {
  const versions = await listPromptVersions(pool)
  return starting(
    versions.map(({ version }) => String(version)),
    start,
  )
}

export const completeTimeframe: Completer = async (_, start) => starting(Object.keys(timeframes), start)

/** Before the first run there is nothing to complete, which is no failure. */
function ofNewestRun(
  values: (context: ToolContext, run: Run) => Promise<readonly string[]>,
  asWritten: (start: string) => string = (start) => start,
): Completer {
  return async (context, start) => {
    try {
      return starting(await values(context, await context.run()), asWritten(start))
    } catch (error) {
      if (error instanceof ToolFailure && error.code === 'NO_RUN') return []
      throw error
    }
  }
}

function upperCase(start: string): string {
  return start.toUpperCase().replace('/', '-')
}

/** What begins so, in the order given. */
export function starting(names: readonly string[], start: string): string[] {
  return names.filter((name) => name.startsWith(start))
}
