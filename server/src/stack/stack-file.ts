import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { ExitError } from '../exit-code.ts'
import { readJson } from '../read-json.ts'
import type { DataDir } from './data-dir.ts'
import { writePrivateFile } from './private-file.ts'

const childRecord = z.object({
  name: z.string(),
  desired: z.enum(['running', 'stopped']),
  pid: z.int().positive().nullable(),
  /** When the process began, in the kernel's clock ticks since boot: tells it from a later one with the same pid. */
  birth: z.string().nullable(),
})
export type ChildRecord = z.infer<typeof childRecord>

const stackFile = z.object({
  supervisor_pid: z.int().positive(),
  stack_id: z.string(),
  started_at: z.int(),
  temporal_address: z.string(),
  temporal_namespace: z.string(),
  task_queue: z.string(),
  ports: z.record(z.string(), z.int()),
  children: z.array(childRecord),
})

/** `DATA_DIR/stack.json`: what should run, what runs, and where. Outlives the supervisor, so the next one finds what is left over. */
export type StackFile = z.infer<typeof stackFile>

/** The last written state; undefined where there is none or an older version's. */
export function readStackFile(dataDir: DataDir): StackFile | undefined {
  if (!existsSync(dataDir.stackFile)) return undefined
  const read = readJson(readFileSync(dataDir.stackFile, 'utf8'))
  if (!read.ok) throw new ExitError('failed', `${dataDir.stackFile} is damaged (${read.problem}): move it away`)
  const parsed = stackFile.safeParse(read.value)
  return parsed.success ? parsed.data : undefined
}

export function writeStackFile(dataDir: DataDir, state: StackFile): void {
  writePrivateFile(dataDir.stackFile, `${JSON.stringify(state, null, 2)}\n`)
}
