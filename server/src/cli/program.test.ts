import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from './program.ts'

const never = () => Promise.reject(new Error('nothing is run here'))

/** All commands, each of which only answers with its name and its options. */
function readingProgram(answers: string[]): Command {
  const silence = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    if (command.commands.length === 0) command.action(() => void answers.push(command.name()))
    command.commands.forEach(silence)
  }
  const program = createProgram({ loadRun: never, loadMcp: never, loadWorker: never })
  silence(program)
  return program
}

/** Words as a shell reads them, with quotes; what a reader is to fill in gets a value. */
function wordsOf(line: string): string[] {
  const words = line.match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? []
  const filledIn: Readonly<Record<string, string>> = { ID: 'decision-1', FILE: 'ledger.json', N: '17000' }
  return words.map((word) => word.replaceAll(/^['"]|['"]$/g, '')).map((word) => filledIn[word] ?? word)
}

/** The `./trader` commands of a page's shell blocks, and those in back quotes that are whole. */
function commandsOf(path: string): string[] {
  const page = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
  const blocks = [...page.matchAll(/```bash\n([^]*?)```/g)].flatMap(([, block = '']) => block.split('\n'))
  return blocks
    .map((line) => line.replace(/\s#.*$/, ''))
    .flatMap((line) => line.split(' ; '))
    .filter((line) => line.startsWith('./trader '))
    .map((line) => line.slice('./trader '.length).trim())
}

describe('the commands in the README', () => {
  it.each(commandsOf('README.md'))('./trader %s', async (line) => {
    const answers: string[] = []
    await readingProgram(answers).parseAsync(wordsOf(line), { from: 'user' })
    expect(answers).toHaveLength(1)
  })

  it('are there at all', () => {
    expect(commandsOf('README.md').length).toBeGreaterThan(8)
  })
})

describe('every command', () => {
  const leaves = (command: Command): Command[] => (command.commands.length === 0 ? [command] : command.commands.flatMap(leaves))
  const all = leaves(createProgram({ loadRun: never, loadMcp: never, loadWorker: never }))

  it('says what it does', () => {
    expect(all.filter((command) => command.description() === '').map((command) => command.name())).toEqual([])
  })

  it('declares the options that several have alike', () => {
    for (const flag of ['--limit', '--json', '--data-dir', '--run']) {
      const descriptions = all
        .filter((command) => !['export', 'demo', 'start'].includes(command.name()))
        .flatMap(({ options }) => options.filter(({ long }) => long === flag).map(({ description, flags }) => `${flags}: ${description}`))
      expect(new Set(descriptions).size, [...new Set(descriptions)].join('\n')).toBe(1)
    }
  })
})
