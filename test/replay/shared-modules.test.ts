import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureWorkflowBundle } from '@trader/server/stack/bundle'

// All workflows of a worker share their modules (workflows/src/preload.ts): what one of them changed there, another would see, and a
// replay would not.

const root = join(import.meta.dirname, '../..')
const bundle = readFileSync((await ensureWorkflowBundle(() => {})).path, 'utf8')
const names = Array.from(bundle.matchAll(/^\/\*{3}\/ "\.\/((?:core|workflows)\/src\/[^"]+\.ts)"/gm), ([, name = '']) => name)
const lines = names.flatMap((name) =>
  readFileSync(join(root, name), 'utf8')
    .split('\n')
    .map((text, at) => ({ place: `${name}:${at + 1}`, text })),
)

const places = (shape: RegExp): string[] => lines.filter(({ text }) => shape.test(text)).map(({ place }) => place)

describe('a module that all workflows share', () => {
  it('is found in the bundle', () => {
    expect(names).toContain('workflows/src/trading-decision.ts')
    expect(names.length).toBeGreaterThan(100)
  })

  it('has no variable', () => {
    expect(places(/^(export )?(let|var) /)).toEqual([])
    expect(places(/^ {2}static (?!\{|readonly|async|\w+[(<])/)).toEqual([])
  })

  it('has no collection that may be changed', () => {
    expect(places(/^(export )?const \w+ = new (Map|Set|WeakMap|WeakSet|Array)\b/)).toEqual([])
  })
})
