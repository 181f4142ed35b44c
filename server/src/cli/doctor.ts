import { styleText } from 'node:util'
import type { Command } from 'commander'
import { exitCodes } from '../exit-code.ts'
import type { Finding } from '../stack/health-check.ts'
import { aboutAStack, commandConfig } from './command-config.ts'
import { print, printJson, say } from './output.ts'
import { prepare } from './prepare.ts'

const marks = { ok: '✓', warning: '!', problem: '✗' } as const
const styles = { ok: 'green', warning: 'yellow', problem: 'red' } as const

/** `trader doctor`: each thing a stack needs, how it is, and the command that mends it. */
export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('check everything a stack needs; each problem with the command that mends it')
    .option('--fix', 'mend first what can be mended here: the Temporal server and the workflow bundle')
    .option('--json', 'one JSON document')
  aboutAStack(command).action(async (flags: { dataDir?: string; fix?: boolean; json?: boolean }) => {
    const config = commandConfig(flags)
    if (flags.fix === true) await prepare()
    const { examine } = await import('../stack/examine.ts')
    const findings = await examine(config)
    const isHealthy = findings.every(({ state }) => state !== 'problem')
    if (flags.json === true) printJson({ ok: isHealthy, findings })
    else findings.forEach((finding) => print(describeFinding(finding)))
    if (!isHealthy) {
      say('problems were found')
      process.exitCode = exitCodes.failed
    }
  })
}

function describeFinding({ name, state, detail, fix }: Finding): string {
  const mark = styleText(styles[state], marks[state], { stream: process.stdout })
  return `${mark} ${name.padEnd(16)} ${detail}${fix === null ? '' : `\n${' '.repeat(19)}mend it: ${fix}`}`
}
