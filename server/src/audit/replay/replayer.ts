import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../stack/child-environment.ts'
import type { Difference } from './first-difference.ts'
import type { ReplayJob } from './replay-job.ts'

/** A history of thousands of events takes a second; code that was changed may never end. */
const answerWithinMs = 30_000

type Answer = { readonly difference: Difference | null } | { readonly error: string }

/** Replays in a process without network; one that hangs or dies is ended and replaced. */
export class Replayer {
  #child: ChildProcess | undefined

  /** The first difference of each history of a job, in order. */
  async replay(job: ReplayJob): Promise<readonly (Difference | null)[]> {
    const found: (Difference | null)[] = []
    while (found.length < job.histories.length) {
      try {
        await this.#work({ ...job, histories: job.histories.slice(found.length) }, found)
      } catch (error) {
        // The others do not suffer for the one at which it stopped.
        this.close()
        found.push({ path: 'replay', recorded: null, replayed: error instanceof Error ? error.message : String(error) })
      }
    }
    return found
  }

  close(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  #work(job: ReplayJob, found: (Difference | null)[]): Promise<void> {
    const child = (this.#child ??= startProcess())
    const all = found.length + job.histories.length
    return new Promise((resolve, reject) => {
      const late = (): void => finish(() => reject(new Error(`did not end within ${answerWithinMs / 1000} s`)))
      let timer = setTimeout(late, answerWithinMs)
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        child.removeAllListeners()
        settle()
      }
      child.on('exit', (code, signal) => finish(() => reject(new Error(`the replaying process ended (${signal ?? code})`))))
      child.on('message', (answer: Answer) => {
        clearTimeout(timer)
        if ('error' in answer) return finish(() => reject(new Error(answer.error)))
        found.push(answer.difference)
        if (found.length === all) return finish(resolve)
        timer = setTimeout(late, answerWithinMs)
      })
      child.send(job)
    })
  }
}

const processPath = fileURLToPath(new URL('./replay-process.ts', import.meta.url))
/** It may read code, and load Temporal's core; nothing else. */
const permissions = ['--permission', '--allow-fs-read=*', '--allow-addons']

function startProcess(): ChildProcess {
  return fork(processPath, {
    execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=SecurityWarning', '--enable-source-maps', ...permissions],
    env: childEnvironment({}),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}
