import type { Command } from 'commander'
import { dataDirFlag } from '../command-hint.ts'
import { exitCodes, ExitError } from '../exit-code.ts'
import type { StartRun } from '../stack/run-hook.ts'
import type { StackSettings } from '../stack/stack-settings.ts'
import { parseStartOptions, type StartOptions } from '../stack/start-options.ts'
import { aboutAStack, commandConfig } from './command-config.ts'
import { stopDatabaseStack } from './database-stack.ts'
import { printJson, say } from './output.ts'
import { terminalProgress } from './terminal-progress.ts'

/** `trader start`: everything in one command, until Ctrl-C. `loadRun` brings the part that runs the market. */
export function registerStart(program: Command, loadRun: (() => Promise<StartRun>) | undefined): void {
  const start = program
    .command('start')
    .description('start everything: Postgres, Temporal, worker, market and agents; Ctrl-C stops it, the data stays')
    .option('--market <kind>', 'simulated, replay or coinbase (default: simulated, or replay with --replay-file)')
    .option('--replay-file <file>', 'candles or quotes to replay; may be given again', (file: string, files: string[] | undefined) => [
      ...(files ?? []),
      file,
    ])
    .option('--speed <n>', 'times as fast as the wall clock, or max (default: 1)')
    .option('--products <list>', 'products to trade, such as BTC-USD,ETH-USD')
    .option('--model <model>', 'offline, or vendor:model such as openai:gpt-4o')
    .option('--port-base <n>', 'use the ports N to N+3: Temporal, its page, Postgres, MCP (N+4 is kept for the dashboard to come)')
    .option('--no-chat', 'no chat in this terminal; this version has none yet, so it changes nothing')
    .option('--run-for <time>', 'stop after this time on the wall clock, such as 60s, and print a summary')
    .option('--until <time>', 'stop at this market time, such as 2018-04-05T12:00:00Z, and print a summary')
    .option('--seed <n>', 'seed of the simulated market (default: 1)')
    .option('--json', 'print the summary as one line of JSON')
  aboutAStack(start).action(async (flags: Readonly<Record<string, unknown>>) => {
    process.exitCode = await startStack(parseStartOptions(flags), loadRun)
  })
}

async function startStack(options: StartOptions, loadRun: (() => Promise<StartRun>) | undefined): Promise<number> {
  const config = commandConfig(options)
  if (config.TRADING_MODE === 'live') {
    throw new ExitError(
      'refused',
      'TRADING_MODE=live is refused: this version has no exchange gateway, so nothing could place a live order safely. Unset it to trade on paper',
    )
  }
  // A bad file or product is refused before anything runs.
  if (loadRun !== undefined) await (await import('../stack/run/run-plan.ts')).planRun(options, config)
  const { supervise } = await import('../stack/supervise.ts')
  await stopDatabaseStack(config.DATA_DIR)
  const began = performance.now()
  const ending = await supervise({
    config,
    dataDirPath: config.DATA_DIR,
    portBase: options.portBase,
    parts: 'all',
    progress: terminalProgress(),
    onBegin: () => say(`durable crypto agents   ${config.TRADING_MODE.toUpperCase()}   data in ${config.DATA_DIR}`),
    onReady: (settings) => say(`Ready in ${((performance.now() - began) / 1000).toFixed(1)}s\n${whatNext(settings)}`),
    run: loadRun && { start: await loadRun(), options },
  })
  if (ending.summary !== undefined) {
    if (options.json) printJson(ending.summary)
    else process.stdout.write(`${JSON.stringify(ending.summary, null, 2)}\n`)
  }
  if (ending.exitCode === exitCodes.ok) say(`stopped; everything is kept in ${config.DATA_DIR}`)
  return ending.exitCode
}

function whatNext({ dataDir, ports, hasExternalTemporal }: StackSettings): string {
  const flag = dataDirFlag(dataDir.root)
  const rows = [
    ['mode', 'paper: no real money can move'],
    ...(hasExternalTemporal ? [] : [['workflows', `http://localhost:${ports.temporalUi}`]]),
    ['data', dataDir.root],
    ['tools', `http://localhost:${ports.mcp}/mcp   connect an agent: ./trader mcp --print-config claude${flag}`],
    ['next', `./trader decision list${flag}   ./trader status${flag}   stop: Ctrl-C`],
  ]
  return rows.map(([name, value]) => `  ${name?.padEnd(10)} ${value}`).join('\n')
}
