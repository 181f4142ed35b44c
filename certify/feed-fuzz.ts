import { fuzzFeed } from '../test/faults/feed-fuzz.ts'
import { writeResult } from './support/result.ts'

// Promise P11: a million fuzzed, doubled, reordered, lost and malformed messages crash nothing and price nothing they must not.
// Arguments: messages, seed.

const messages = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? 11)
const began = performance.now()
const outcome = await fuzzFeed({ seed, messages })
writeResult({
  proof: 'feed-fuzz',
  seed,
  size: { messages },
  seconds: Math.round((performance.now() - began) / 1000),
  verdict: outcome.violations.length === 0 ? 'passed' : 'failed',
  detail: outcome,
})
