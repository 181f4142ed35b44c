import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'

/** What a long proof showed, at which size, from which seed: committed, so that a reader need not run it. */
export interface ProofResult {
  readonly proof: string
  readonly seed: number
  /** What was done how often, such as { runs: 1000 }. */
  readonly size: Readonly<Record<string, number>>
  readonly seconds: number
  readonly verdict: 'passed' | 'failed'
  readonly detail: unknown
}

/** Writes certify/results/<proof>.json, prints the same to stdout, and lets the process fail where the proof did. */
export function writeResult({ proof, ...result }: ProofResult): void {
  const directory = new URL('../results/', import.meta.url)
  mkdirSync(directory, { recursive: true })
  const written = { proof, commit: commitNow(), ...result }
  writeFileSync(new URL(`${proof}.json`, directory), `${JSON.stringify(written, null, 2)}\n`)
  process.stdout.write(`${JSON.stringify(written)}\n`)
  if (result.verdict === 'failed') process.exitCode = 1
}

/** The commit the proof ran on, and whether the code had changes on top of it. */
function commitNow(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  const isChanged = git('status', '--porcelain', '--', '../../core', '../../workflows', '../../server') !== ''
  return `${git('rev-parse', 'HEAD')}${isChanged ? ' with changes' : ''}`
}
