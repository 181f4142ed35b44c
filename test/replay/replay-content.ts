import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import proto from '@temporalio/proto'
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker'
import { type Difference } from '@trader/server/audit/replay/first-difference'
import { type JobHistory, replayJob } from '@trader/server/audit/replay/replay-job'
import { decodeHistories, type RecordedHistory } from './recorded-history.ts'

const { History: historyMessage } = proto.temporal.api.history.v1

/** What replayed code and Temporal's core would log is found and told by the comparison. To be called before anything else of Temporal's. */
export function quietReplay(): void {
  const telemetryOptions = { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} } }
  Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), telemetryOptions })
}

/** The fixture of a workflow type. */
export function fixture(type: string): RecordedHistory[] {
  return decodeHistories(readFileSync(join(import.meta.dirname, 'histories', `${type}.gz`)))
}

export function queueOf({ history }: RecordedHistory): string {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes?.taskQueue?.name ?? ''
}

export function jobHistory({ workflow_id, history }: RecordedHistory, bundleHash: string | null = null): JobHistory {
  return { workflowId: workflow_id, bytes: historyMessage.encode(history).finish(), bundleHash }
}

/** What the code does otherwise than recorded, by workflow id: the first difference of each history that has one. */
export async function differences(code: string, recorded: readonly RecordedHistory[]): Promise<Record<string, Difference>> {
  const found: Record<string, Difference> = {}
  for (const [taskQueue, group] of Map.groupBy(recorded, queueOf)) {
    let at = 0
    for await (const difference of replayJob({ code, namespace: 'default', taskQueue, histories: group.map((one) => jobHistory(one)) })) {
      const id = group[at]?.workflow_id ?? ''
      at += 1
      if (difference !== null) found[id] ??= difference
    }
  }
  return found
}

/** Code with one place changed. */
export function changed(code: string, place: RegExp, replacement: string): string {
  const found = Array.from(code.matchAll(new RegExp(place, 'g')))
  if (found.length !== 1) throw new Error(`${place} is in the code ${found.length} times`)
  return code.replace(place, replacement)
}
