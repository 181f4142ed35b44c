import { createPool } from '@trader/server/database/pool'
import { TemporaryStack } from '@trader/server/stack/demo/temporary-stack'
import { report, rounded, say } from './support/report.ts'

// From the command `trader start` to the first decision on record, in a simulated market at 60 times real speed, where a decision
// is due at every step. Cold: a new data directory. Warm: the same once more. (At real speed the first nudge comes up to 25 s later.)

const startArguments = ['--market', 'simulated', '--speed', '60', '--model', 'offline', '--run-for', '2m']
const decidesWithinMs = 120_000

interface Start {
  /** The command has said that it is ready. */
  readonly ready_s: number
  readonly first_decision_s: number
}

/** Starts, waits for a decision of this start, and stops again. */
async function startOnce(stack: TemporaryStack): Promise<Start> {
  const startedAt = Date.now()
  await stack.start(startArguments)
  const readyMs = Date.now() - startedAt
  const pool = createPool({ connectionString: stack.addresses().databaseUrl.reveal(), max: 1 })
  try {
    let decidedAt: number | null = null
    const isDecided = async (): Promise<boolean> => {
      const { rows } = await pool.query<{ at: string | null }>('select min(recorded_at) as at from decision where recorded_at >= $1', [
        startedAt,
      ])
      decidedAt = rows[0]?.at == null ? null : Number(rows[0].at)
      return decidedAt !== null
    }
    await stack.until('there is a decision', isDecided, { timeoutMs: decidesWithinMs })
    return { ready_s: rounded(readyMs / 1000), first_decision_s: rounded(((decidedAt ?? 0) - startedAt) / 1000) }
  } finally {
    await pool.end()
    await stack.stop()
  }
}

const stack = await TemporaryStack.create()
try {
  say('cold')
  const cold = await startOnce(stack)
  say('warm')
  const warm = await startOnce(stack)
  report('start-to-decision', { cold, warm })
} finally {
  await stack.stop()
  await stack.leftovers()
  await stack.remove()
}
