import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url))

interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED'
  readonly errorMessage?: string
}

export interface SuiteOutcome {
  readonly exitCode: number
  readonly output: string
  /** Checks of each scenario that ran, by its name. */
  readonly scenarios: Readonly<Record<string, readonly Check[]>>
}

/** Runs every server scenario of the official suite, also those it calls pending. Stale lines of the baseline make it fail. */
export async function runSuite({ url, baseline }: { url: string; baseline: string }): Promise<SuiteOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  try {
    const { exitCode, output } = await run([
      'server',
      '--url',
      url,
      '--suite',
      'all',
      '--output-dir',
      folder,
      '--expected-failures',
      baseline,
    ])
    return { exitCode, output, scenarios: scenariosIn(folder) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Names of every server scenario that the suite knows. */
export async function allScenarios(): Promise<string[]> {
  const { output } = await run(['list', '--server'])
  return [...output.matchAll(/^ +- (\S+)/gm)].map(([, name = '']) => name)
}

function run(args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, ...args], { timeout: 90_000, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') return reject(error)
      resolve({ exitCode: Number(error?.code ?? 0), output: `${stdout}${stderr}` })
    })
  })
}

/** The suite writes a folder per scenario, `server-<scenario>-<time>`, with its checks. */
function scenariosIn(folder: string): Record<string, Check[]> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, ''),
      JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as Check[],
    ]),
  )
}
