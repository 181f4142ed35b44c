import { id } from '@trader/core/contract/primitives'
import { z } from 'zod'
import { findRun } from '../../database/queries/find-run.ts'
import { runCounts } from '../../database/queries/run-counts.ts'
import { currentPortfolio } from '../read-books.ts'
import { defineJsonResource, settledTtlMs, stateTtlMs } from '../resource.ts'
import { completeRun } from './completers.ts'

export const run = defineJsonResource({
  uri: 'trader://runs/{id}',
  name: 'run',
  title: 'A run',
  description: 'One run: its market, files, products and seed, what happened in it, and its books.',
  variables: z.strictObject({ id }),
  complete: { id: completeRun },
  async read(context, variables) {
    const found = await findRun(context.pool, variables.id)
    if (found === null) return null
    const [counts, { portfolio }] = await Promise.all([runCounts(context.pool, found.run_id), currentPortfolio(context, found)])
    return { content: { run: found, counts, portfolio }, ttlMs: found.status === 'finished' ? settledTtlMs : stateTtlMs }
  },
})
