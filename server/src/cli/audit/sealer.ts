import type { Command } from 'commander'
import { commandConfig } from '../command-config.ts'

/** `trader sealer`: seals what is recorded, as one process for production. Run one per database. */
export function registerSealer(program: Command): void {
  program
    .command('sealer')
    .description('seal what is recorded as a process of its own (DATABASE_URL says where; the key is in DATA_DIR)')
    .action(async () => {
      const config = commandConfig({})
      const [{ runSealer }, { findAddresses }] = await Promise.all([
        import('../../audit/run-sealer.ts'),
        import('../../stack/addresses.ts'),
      ])
      await runSealer({ config, databaseUrl: config.DATABASE_URL ?? findAddresses(config).databaseUrl })
    })
}
