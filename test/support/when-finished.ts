import { onTestFinished } from 'vitest'

type CleanUp = () => void | Promise<void>
const outsideTests: CleanUp[] = []

/** Cleans up after the test, the last first; in a long proof, where there is no test, when it calls `cleanUp`. */
export function whenFinished(clean: CleanUp): void {
  if (process.env['VITEST'] === undefined) outsideTests.push(clean)
  else onTestFinished(async () => clean())
}

/** Of a long proof: cleans up what it has made so far. */
export async function cleanUp(): Promise<void> {
  for (let clean = outsideTests.pop(); clean !== undefined; clean = outsideTests.pop()) await clean()
}
