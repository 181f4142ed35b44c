import { z } from 'zod'
import { listFills } from '../../database/queries/list-fills.ts'
import { marketNow } from '../../trading/market-now.ts'
import { defineJsonResource, stateTtlMs } from '../resource.ts'
import { completeDay } from './completers.ts'

const dayMs = 86_400_000
/** More than a day's order limit can cause. */
const everything = 10_000
/** A day that is over changes only when another run becomes the newest. */
const pastDayTtlMs = 60_000

export const fills = defineJsonResource({
  uri: 'trader://fills/{day}',
  name: 'fills',
  title: 'Fills of a day',
  description: 'Every booked fill of a day of market time (UTC, such as 2026-03-01) in the newest run, newest first.',
  variables: z.strictObject({ day: z.iso.date() }),
  complete: { day: completeDay },
  async read(context, { day }) {
    const run = await context.run()
    const since = Date.parse(`${day}T00:00:00Z`)
    const before = since + dayMs
    const booked = await listFills(context.pool, { runId: run.run_id, since, before, limit: everything })
    const isOver = marketNow({ run, wallTime: context.now() }) >= before
    return {
      content: { run_id: run.run_id, day, fills: booked, count: booked.length },
      ttlMs: isOver ? pastDayTtlMs : stateTtlMs,
    }
  },
})
