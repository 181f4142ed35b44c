import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPool } from '@trader/server/database/pool'
import { startMcp, type McpServerUnderTest } from '../mcp-server.ts'

// What the official inspector's command line shows of the server is kept beside this file, so that a change of what clients see
// is seen in review. `vitest run --project stack test/mcp/inspector --update` writes it anew.

const program = fileURLToPath(new URL('../../../node_modules/.bin/mcp-inspector', import.meta.url))

let mcp: McpServerUnderTest
let home: string

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'inspector-'))
  // Lists come from the program alone: neither Postgres nor Temporal is asked.
  const pool = createPool({ connectionString: 'postgres://127.0.0.1:1/none' })
  mcp = await startMcp({ pool, client: new Client({ connection: Connection.lazy() }), taskQueue: 'none' })
})
afterAll(async () => {
  await mcp.stop()
  rmSync(home, { recursive: true })
})

/** A failure of the inspector, or a schema that some client could not take (`--strict`), fails the test. */
async function inspect(...args: string[]): Promise<string> {
  const target = ['--cli', `${mcp.url}/mcp`, '--transport', 'http']
  const { stdout } = await promisify(execFile)(program, [...target, ...args], { env: { ...process.env, HOME: home }, timeout: 60_000 })
  return stdout
}

it.each([
  ['tools/list', 'tools.txt', ['--strict']],
  ['resources/list', 'resources.txt', []],
  ['resources/templates/list', 'resource-templates.txt', []],
  ['prompts/list', 'prompts.txt', []],
])('the inspector shows of %s what %s says', async (method, file, more) => {
  await expect(await inspect('--method', method, ...more)).toMatchFileSnapshot(file)
})
