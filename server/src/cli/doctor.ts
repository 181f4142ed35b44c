import { styleText } from 'node:util'
import type { Command } from 'commander'
import { dataDirFlag } from '../command-hint.ts'
import { exitCodes } from '../exit-code.ts'
import type { Finding } from '../stack/health-check.ts'
import { answersJson, commandConfig, type JsonFlags } from './command-config.ts'
import { hint, print, printJson, say } from './output.ts'
import { prepare } from './prepare.ts'

const marks = { ok: '✓', pending: '+', warning: '!', problem: '✗' } as const
const styles = { ok: 'green', pending: 'cyan', warning: 'yellow', problem: 'red' } as const

/** `trader doctor`: each thing a stack needs, how it is, and the command that mends it. */
export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('check everything a stack needs; each problem with the command that mends it; writes nothing without --fix')
    .option('--fix', 'mend first what can be mended here: the Temporal server and the workflow bundle')
  answersJson(command).action(async (flags: JsonFlags & { fix?: boolean }) => {
    const config = commandConfig(flags)
    if (flags.fix === true) await prepare()
    const { examine } = await import('../stack/examine.ts')
    const findings = (await examine(config)).map(typeable)
    const isHealthy = findings.every(({ state }) => state !== 'problem')
    if (flags.json === true) printJson({ ok: isHealthy, findings })
    else {
      findings.forEach((finding) => print(describeFinding(finding)))
      if (findings.some(({ state }) => state === 'pending'))
        print(`+ is made by \`${dataDirFlag(config.DATA_DIR) === '' ? 'make start' : `trader start${dataDirFlag(config.DATA_DIR)}`}\``)
    }
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

/** With commands that can be typed as they are; a fix is one by itself, without quotes. */
function typeable({ detail, fix, ...finding }: Finding): Finding {
  return { ...finding, detail: hint(detail), fix: fix === null ? null : hint(`\`${fix}\``).slice(1, -1) }
}
