import { z } from 'zod'
import { timestampMs } from './primitives.ts'

export const componentState = z.enum(['stopped', 'starting', 'running', 'restarting', 'failed', 'external'])
export type ComponentState = z.infer<typeof componentState>

export const componentStatus = z.strictObject({
  name: z.string(),
  state: componentState,
  pid: z.int().positive().nullable(),
  port: z.int().positive().nullable(),
  uptime_s: z.number().min(0).nullable(),
  restarts: z.int().min(0),
  version: z.string().nullable(),
  memory_bytes: z.int().min(0).nullable(),
  last_error: z.string().nullable(),
})
export type ComponentStatus = z.infer<typeof componentStatus>

/** What `trader status --json` prints. */
export const stackStatus = z.strictObject({
  mode: z.enum(['paper', 'live']),
  stack_id: z.string(),
  data_dir: z.string(),
  started_at: timestampMs,
  components: z.array(componentStatus),
  market: z.record(z.string(), z.json()).nullable(),
  agents: z.array(z.strictObject({ name: z.string(), state: z.string() })),
})
export type StackStatus = z.infer<typeof stackStatus>
