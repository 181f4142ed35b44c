import type { Command } from 'commander'
import { envExample } from '../config.ts'

/** `trader env-example`: the text of .env.example. */
export function registerEnvExample(program: Command): void {
  program
    .command('env-example')
    .description('print every environment variable with its description and default')
    .action(() => {
      process.stdout.write(envExample())
    })
}
