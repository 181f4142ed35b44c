import type { Command } from 'commander'
import { z } from 'zod'
import { askSupervisor } from '../stack/control-socket.ts'
import { dataDirPaths } from '../stack/data-dir.ts'
import { answersJson, commandConfig, type JsonFlags } from './command-config.ts'
import { print, printJson } from './output.ts'

const answer = z.object({ stopped: z.array(z.string()) })

/** `trader stop`: stops a running stack in order and waits until it is down. */
export function registerStop(program: Command): void {
  const command = program.command('stop').description('stop a running stack in order; the data stays')
  answersJson(command).action(async (flags: JsonFlags) => {
    const dataDir = dataDirPaths(commandConfig(flags).DATA_DIR)
    const { stopped } = answer.parse(await askSupervisor(dataDir, { command: 'stop' }))
    if (flags.json === true) printJson({ stopped })
    else print(`stopped ${stopped.join(', ')}; everything is kept in ${dataDir.root}`)
  })
}
