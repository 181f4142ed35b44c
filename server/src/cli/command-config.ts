import type { Command } from 'commander'
import { loadConfig, type Config } from '../config.ts'

/** Adds the option that says which stack a command is about. */
export function aboutAStack(command: Command): Command {
  return command.option('--data-dir <dir>', 'data directory of the stack (default: DATA_DIR or ./data)')
}

/** The environment's settings, with the data directory that the command line names. */
export function commandConfig({ dataDir }: { dataDir?: string | undefined }): Config {
  const config = loadConfig()
  return dataDir === undefined ? config : { ...config, DATA_DIR: dataDir }
}
