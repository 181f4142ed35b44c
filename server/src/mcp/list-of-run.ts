import type { Book } from '@trader/core/contract/primitives'
import type { ToolContext } from './tool.ts'

/** The run that is named, or the newest of a book, for a query to look up itself. */
export type OfRun = { readonly runId: string } | { readonly newestOf: Book }

/**
 * Lists what a run has in one round trip to the database. Only where nothing is found is it asked whether there is such a run,
 * and refused if not.
 */
export async function listOfRun<Row extends { readonly run_id: string }>(
  context: ToolContext,
  runId: string | undefined,
  list: (of: OfRun) => Promise<Row[]>,
): Promise<{ runId: string; rows: Row[] }> {
  const rows = await list(runId === undefined ? { newestOf: context.config.TRADING_MODE } : { runId })
  const found = rows[0]?.run_id ?? (await context.run(runId)).run_id
  return { runId: found, rows }
}
