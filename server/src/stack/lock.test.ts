import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openDataDir } from './data-dir.ts'
import { lockStack } from './lock.ts'

const root = mkdtempSync(join(tmpdir(), 'trader-lock-'))
afterAll(() => rmSync(root, { recursive: true }))

describe('the lock of a data directory', () => {
  it('is held by one at a time and can be taken again once it is given back', () => {
    const dataDir = openDataDir(root)
    const lock = lockStack(dataDir)
    expect(() => lockStack(dataDir)).toThrow(/already running/)
    lock.release()
    lockStack(dataDir).release()
  })
})
