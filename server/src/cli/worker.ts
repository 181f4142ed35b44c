import type { Command } from 'commander'
import type { Config } from '../config.ts'
import type { Addresses } from '../stack/addresses.ts'
import { commandConfig } from './command-config.ts'

/** A process of ours that runs until it is told to end. */
export type RunProcess = (options: { config: Config; addresses: Addresses }) => Promise<void>

/** `trader worker`: workflows and activities, as one process for production. */
export function registerWorker(program: Command, load: () => Promise<RunProcess>): void {
  program
    .command('worker')
    .description('run workflows and activities as a process of its own (TEMPORAL_ADDRESS and DATABASE_URL say where)')
    .action(async () => {
      const config = commandConfig({})
      const [{ findAddresses }, run] = await Promise.all([import('../stack/addresses.ts'), load()])
      await run({ config, addresses: findAddresses(config) })
    })
}
