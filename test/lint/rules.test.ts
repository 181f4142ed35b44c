import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the lint of the repository says about a repository that has only these files: a line for each problem. */
function lint(files: Readonly<Record<string, string>>): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'trader-lint-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  copyFileSync(join(root, '.oxlintrc.json'), join(directory, '.oxlintrc.json'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format', 'unix'], { cwd: directory, encoding: 'utf8' })
  const problems = stdout.split('\n').filter((line) => /^\S+:\d+:\d+: /.test(line))
  expect(status).toBe(problems.length === 0 ? 0 : 1)
  return problems
}

const planted: readonly (readonly [string, string])[] = [
  ['Math.random', 'export const drawn = (): number => Math.random()'],
  ['Math.random', "export const drawn = (): number => Math['random']()"],
  ['Math.random', 'const { random } = Math\nexport const drawn = (): number => random()'],
  ['Date', 'export const now = (): number => Date.now()'],
  ['Date', 'export const now = (): number => new Date().getTime()'],
  ['performance', 'export const now = (): number => performance.now()'],
  ['crypto', 'export const id = (): string => crypto.randomUUID()'],
  ['process', "export const setting = (): string => process.env['SETTING'] ?? ''"],
  ['fetch', "export const page = (): unknown => fetch('https://localhost')"],
  ['globalThis', 'export const now = (): number => globalThis.Date.now()'],
]

describe('the lint', () => {
  it.each(['core/src/market', 'workflows/src'])(
    'finds every clock, die and reach planted in %s, and nothing in what is seeded',
    (folder) => {
      const files = Object.fromEntries(planted.map(([, code], index) => [`${folder}/planted-${index}.ts`, `${code}\n`]))
      const seeded =
        "import { seededRandom } from './seeded-random.ts'\nexport const drawn = (): number => seededRandom(1, 'x').uniform(0, 0)\n"
      const problems = lint({ ...files, [`${folder}/seeded.ts`]: seeded })
      for (const [index, [name, code]] of planted.entries()) {
        const found = problems.filter((line) => line.startsWith(`${folder}/planted-${index}.ts:`))
        expect(found, `${code}\n${problems.join('\n')}`).toContainEqual(expect.stringContaining(`'${name}'`))
      }
      expect(problems.filter((line) => line.includes('seeded.ts'))).toEqual([])
    },
  )

  it('leaves the clock to the file that explains it, to tests, and to the server', () => {
    const clock = 'export const now = (): number => Date.now()\n'
    expect(lint({ 'workflows/src/workflow-time.ts': clock, 'core/src/market/clock.test.ts': clock, 'server/src/clock.ts': clock })).toEqual(
      [],
    )
  })

  it('finds an import against the arrows, by package and by path', () => {
    const forbidden: readonly (readonly [string, string])[] = [
      ['core/src', 'node:fs'],
      ['core/src', '@temporalio/workflow'],
      ['core/src', '@trader/workflows/names'],
      ['core/src', '../../workflows/src/names.ts'],
      ['workflows/src', '@temporalio/client'],
      ['workflows/src', '@trader/server/config'],
      ['workflows/src', '../../server/src/config.ts'],
      ['ui/src', '@trader/server/config'],
      ['ui/src', '@trader/workflows/names'],
      ['server/src/worker/activities', '../../mcp/tool.ts'],
      ['server/src/mcp/tools', '../../worker/run-worker.ts'],
      ['server/src/api', '../cli/output.ts'],
      ['server/src/cli', '../mcp/tool.ts'],
    ]
    const allowed: readonly (readonly [string, string])[] = [
      ['core/src', 'zod'],
      ['workflows/src', '@trader/core/money/decimal'],
      ['server/src/worker', '../database/pool.ts'],
      ['ui/src', '@trader/core/money/decimal'],
    ]
    const importing = (name: string): string => `import { thing } from '${name}'\nexport const kept = thing\n`
    const files = (list: typeof forbidden, kind: string): Record<string, string> =>
      Object.fromEntries(list.map(([folder, name], index) => [`${folder}/${kind}-${index}.ts`, importing(name)]))
    const problems = lint({ ...files(forbidden, 'forbidden'), ...files(allowed, 'allowed') })
    for (const [index, [folder, name]] of forbidden.entries())
      expect(problems).toContainEqual(
        expect.stringMatching(new RegExp(`^${folder}/forbidden-${index}\\.ts:.*'${name}' import is restricted`)),
      )
    expect(problems).toHaveLength(forbidden.length)
  })
})
