import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const path = new URL('uncaught-errors.ts', import.meta.url).href

/** Runs code in a process of its own, since an uncaught error would end the test's. */
function run(code: string): string {
  const script = `import { catchUncaughtErrors } from '${path}'\nconst uncaught = catchUncaughtErrors()\n${code}`
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).stdout.trim()
}

describe('an error that nobody caught', () => {
  it('is handed over and does not end the process', () => {
    expect(
      run(`setTimeout(() => { throw new Error('stray') }); uncaught.first.catch((error) => console.log('heard of', error.message))`),
    ).toBe('heard of stray')
  })

  it('is nothing, when it is the late retry of a call on a closed connection', () => {
    const code = `uncaught.first.catch(() => console.log('heard'))
      setTimeout(() => { throw new Error('Channel has been shut down') })
      setTimeout(() => console.log('still alive'), 20)`
    expect(run(code)).toBe('still alive')
  })
})
