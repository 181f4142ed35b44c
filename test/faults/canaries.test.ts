import { expect, it } from 'vitest'
import { runWithCanaries } from './canaries.ts'

// `make certify PROOF=canaries` does this with more kills, every command, and a stack's own Postgres as well.
it('no secret is anywhere but where it belongs, after a run with kills', async () => {
  const { hits, searched, canaries } = await runWithCanaries({ ownPostgres: true, kills: ['worker', 'mcp'], rounds: 2, isThorough: false })
  expect(hits).toEqual([])
  expect(new Set(canaries)).toEqual(new Set(['OPENAI_API_KEY', 'DATABASE_URL', 'owner-token', 'seal-key']))
  expect(searched['model_requests']).toBeGreaterThan(7)
  expect(searched['files']).toBeGreaterThan(10)
}, 400_000)
