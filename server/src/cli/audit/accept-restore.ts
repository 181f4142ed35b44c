import type { Command } from 'commander'
import { openDataDir } from '../../stack/data-dir.ts'
import { aboutAStack, commandConfig, type StackFlags } from '../command-config.ts'
import { say } from '../output.ts'

/** `trader audit accept-restore "why"`: its owner's word that a database or a seal log was put back, so that sealing goes on. */
export function registerAcceptRestore(audit: Command): void {
  const command = audit
    .command('accept-restore <why>')
    .description('after putting back a database or a seal log: go on sealing; what is missing stays on record as missing')
  aboutAStack(command).action(async (why: string, flags: StackFlags) => {
    const { writeRestoreNote } = await import('../../audit/restore-note.ts')
    writeRestoreNote(openDataDir(commandConfig(flags).DATA_DIR).restoreNote, why)
    say('noted: the sealer goes on within two seconds, or at the next start')
  })
}
