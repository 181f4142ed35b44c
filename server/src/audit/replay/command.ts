import type { ContentValue } from './message-value.ts'

/** One thing that a workflow told the server to do, in the same shape from a recorded event and from a replay. */
export interface Command {
  readonly kind: CommandKind
  /** The activity's id, the timer's, the child's workflow id, ...; empty where a workflow can have only one. */
  readonly id: string
  /** Type of the activity or the child, name of the signal or the update, ...; empty where the kind says it all. */
  readonly name: string
  /** Everything else that the workflow chose: input, timeouts, retries, results. */
  readonly content: Readonly<Record<string, ContentValue>>
  /** Event id at which the workflow task began that the command is of. */
  readonly task: number
}

export type CommandKind =
  | 'activity'
  | 'activity cancellation'
  | 'local activity'
  | 'timer'
  | 'timer cancellation'
  | 'child workflow'
  | 'workflow cancellation'
  | 'signal'
  | 'update accepted'
  | 'update completed'
  | 'marker'
  | 'search attributes'
  | 'memo'
  | 'result'
  | 'failure'
  | 'cancelled'
  | 'continue as new'
  | 'unknown'

/** Such as `activity 4 reserveOrders`. */
export function describeCommand({ kind, id, name }: Command): string {
  return [kind, id, name].filter((part) => part !== '').join(' ')
}

/** True where two commands are the same step; their content may differ. */
export function isSameStep(left: Command, right: Command): boolean {
  return left.kind === right.kind && left.id === right.id && left.name === right.name
}
