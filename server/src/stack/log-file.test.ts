import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLogTail, rotateLog } from './log-file.ts'

let directory: string
let path: string
const elevenMegabytes = 'x'.repeat(11 * 1024 * 1024)

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trader-log-'))
  path = join(directory, 'worker.log')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('a log file', () => {
  it('over 10 MB is moved aside, three are kept, and a writer that has it open writes on in the new one', () => {
    const file = openSync(path, 'a')
    try {
      for (const round of ['first', 'second', 'third', 'fourth']) {
        writeSync(file, `${round}\n${elevenMegabytes}`)
        rotateLog(path)
        expect(statSync(path).size).toBe(0)
      }
      writeSync(file, 'afterwards\n')
    } finally {
      closeSync(file)
    }
    const begins = (number: number): string => readFileSync(`${path}.${number}`, 'utf8').slice(0, 6).trim()
    expect([begins(1), begins(2), begins(3)]).toEqual(['fourth', 'third', 'second'])
    expect(readFileSync(path, 'utf8')).toBe('afterwards\n')
  })

  it('gives its last lines, and none from before a given place', () => {
    appendFileSync(path, 'one\ntwo\nthree\n')
    expect(readLogTail({ path, lines: 2 })).toEqual(['two', 'three'])
    expect(readLogTail({ path, lines: 2, from: 8 })).toEqual(['three'])
  })

  it('that is not there has no lines', () => {
    expect(readLogTail({ path: join(directory, 'absent.log'), lines: 5 })).toEqual([])
  })
})
