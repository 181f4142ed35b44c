import { createReadStream, readdirSync, watch } from 'node:fs'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { ExitError } from '../exit-code.ts'
import { dataDirPaths } from '../stack/data-dir.ts'
import { fileSize, logPath, readLogTail } from '../stack/log-file.ts'
import { aboutAStack, commandConfig } from './command-config.ts'
import { wholeNumber } from './option-values.ts'
import { print } from './output.ts'

/** `trader logs`: the components' logs, also of a stack that is down. */
export function registerLogs(program: Command): void {
  const command = program
    .command('logs [component]')
    .description('the last lines of the logs of one component, or of all')
    .option('-f, --follow', 'stay and print what is added')
    .option('-n, --lines <n>', 'lines per component', wholeNumber('--lines', { from: 1, to: 10_000 }), 20)
  aboutAStack(command).action(async (component: string | undefined, flags: { dataDir?: string; follow?: boolean; lines: number }) => {
    const dataDir = dataDirPaths(commandConfig(flags).DATA_DIR)
    const names = componentNames(dataDir.logs)
    if (component !== undefined && !names.includes(component)) {
      throw new ExitError(
        'usage',
        `there is no log of ${JSON.stringify(component)} in ${dataDir.logs}; there are ${names.join(', ') || 'none'}`,
      )
    }
    const wanted = component === undefined ? names : [component]
    const show = (name: string, line: string): void => print(wanted.length === 1 ? line : `${name.padEnd(10)} ${line}`)
    for (const name of wanted) readLogTail({ path: logPath(dataDir, name), lines: flags.lines }).forEach((line) => show(name, line))
    if (flags.follow === true) await Promise.all(wanted.map((name) => follow(logPath(dataDir, name), (line) => show(name, line))))
  })
}

function componentNames(logs: string): string[] {
  try {
    return readdirSync(logs)
      .filter((name) => name.endsWith('.log'))
      .map((name) => basename(name, '.log'))
      .sort()
  } catch (error) {
    throw new ExitError('dependencyDown', `there are no logs in ${logs}: start a stack with \`trader start\``, { cause: error })
  }
}

/** Prints what is added to a log from now on, for ever. A log that was cut (see rotateLog) is read from its start. */
async function follow(path: string, show: (line: string) => void): Promise<never> {
  let position = fileSize(path)
  let rest = ''
  let reading = Promise.resolve()
  watch(path, () => {
    reading = reading.then(readOn)
  })
  async function readOn(): Promise<void> {
    const size = fileSize(path)
    if (size < position) position = 0
    if (size === position) return
    const from = position
    position = size
    for await (const chunk of createReadStream(path, { start: from, end: size - 1, encoding: 'utf8' })) {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(show)
    }
  }
  return new Promise(() => {})
}
