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
export function writeResult(result: ProofResult): void {
  const directory = new URL('../results/', import.meta.url)
  mkdirSync(directory, { recursive: true })
  writeFileSync(new URL(`${result.proof}.json`, directory), `${JSON.stringify(result, null, 2)}\n`)
  process.stdout.write(`${JSON.stringify(result)}\n`)
  if (result.verdict === 'failed') process.exitCode = 1
}
