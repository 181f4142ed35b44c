import { CommanderError } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'
import { ExitError } from '../exit-code.ts'
import { report as reportTo } from './report.ts'

const report = (error: unknown, { asJson }: { asJson: boolean }) => reportTo(error, { asJson, withStack: false })

let stdout: MockInstance<typeof process.stdout.write>
let stderr: MockInstance<typeof process.stderr.write>

beforeEach(() => {
  stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => vi.restoreAllMocks())

const said = (spy: MockInstance): string => spy.mock.calls.map(([text]) => String(text)).join('')

describe('the end of a command', () => {
  it('is one sentence on stderr and an exit code', async () => {
    expect(await report(new ExitError('refused', 'no'), { asJson: false })).toBe(3)
    expect([said(stdout), said(stderr)]).toEqual(['', 'error: no\n'])
  })

  it('is a document as well where a program asked for one', async () => {
    expect(await report(new ExitError('dependencyDown', 'gone'), { asJson: true })).toBe(4)
    expect(JSON.parse(said(stdout))).toEqual({ error: 'gone', exit_code: 4 })
  })

  it('is usage where commander says so, which it does itself', async () => {
    const error = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'")
    expect(await report(error, { asJson: true })).toBe(2)
    expect([said(stdout), said(stderr)]).toEqual([`{"error":"unknown option '--x'","exit_code":2}\n`, ''])
    expect(await report(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'), { asJson: true })).toBe(0)
  })

  it('that nobody foresaw shows no stack trace', async () => {
    expect(await report(new Error('boom', { cause: new Error('deep') }), { asJson: false })).toBe(1)
    expect(said(stderr)).toMatch(/^error: boom: deep \(not foreseen/)
    expect(said(stderr)).not.toContain('    at ')
    await reportTo(new Error('boom'), { asJson: false, withStack: true })
    expect(said(stderr)).toContain('    at ')
  })

  it('is a dependency that is down where Postgres went away in the middle', async () => {
    expect(await report(Object.assign(new Error('terminating connection'), { code: '57P01' }), { asJson: false })).toBe(4)
  })
})
