import type { ChildProcess } from 'node:child_process'

/** What is known of a component once it answers. */
export interface Readiness {
  readonly version: string | null
  /** For the progress line, such as `embedded, data/postgres`. */
  readonly detail: string
}

/** A program to run. `env` is all the child gets. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** A Node program of ours: it gets a channel on which it says that it is ready, and learns that its supervisor died. */
  readonly hasChannel: boolean
  readonly uid?: number
  readonly gid?: number
}

/** How one supervised process is started, known to be ready, and stopped. Adding a component is adding one of these. */
export interface ComponentPlan {
  /** Word for commands and log files. */
  readonly name: string
  /** Name for people. */
  readonly title: string
  readonly port: number | null
  /** Prepares what a start needs and says what to run. Called before every start; gives up, and leaves nothing running, when the signal is raised. */
  launch(signal: AbortSignal): Promise<Launch>
  /** Resolves once the process does its work; must give up when the signal is raised. */
  ready(child: ChildProcess, signal: AbortSignal): Promise<Readiness>
  readonly readyTimeoutMs: number
  /** Starts that may fail before the first success, with back-off between, until the component is given up. */
  readonly firstAttempts: number
  /** The wait between two restarts grows to this. Short for the servers: nothing works without them, and a restart costs them little. */
  readonly longestBackOffMs: number
  readonly stopSignal: NodeJS.Signals
  readonly stopTimeoutMs: number
}
