import { Command } from 'commander'
import type { StartRun } from '../stack/run-hook.ts'
import { registerAudit } from './audit/audit.ts'
import { registerSealer } from './audit/sealer.ts'
import { registerData } from './data.ts'
import { registerBacktest } from './backtest/backtest.ts'
import { registerDatabaseUp } from './database-stack.ts'
import { registerDecision } from './decision.ts'
import { registerDemo } from './demo.ts'
import { registerDoctor } from './doctor.ts'
import { registerEnvExample } from './env-example.ts'
import { registerLedger } from './ledger.ts'
import { registerLogs } from './logs.ts'
import { registerMcp, type RunMcp } from './mcp.ts'
import { registerOrder } from './order.ts'
import { registerPrepare } from './prepare.ts'
import { registerPrompt } from './prompt.ts'
import { registerStart } from './start.ts'
import { registerStatus } from './status.ts'
import { registerStop } from './stop.ts'
import { registerToken } from './token.ts'
import { registerTool } from './tool.ts'
import { registerTrading } from './trading.ts'
import { registerWallet } from './wallet.ts'
import { registerWorker, type RunProcess } from './worker.ts'

/** What the commands run and may not import themselves; each is loaded by the command that needs it. */
export interface Implementations {
  readonly loadRun: () => Promise<StartRun>
  readonly loadMcp: () => Promise<RunMcp>
  readonly loadWorker: () => Promise<RunProcess>
}

/** All commands there are. A new group is a line here. */
export function createProgram({ loadRun, loadMcp, loadWorker }: Implementations): Command {
  const program = new Command('trader')
    .description(
      'A 24x7 multi-agent crypto trading stack for one trader.\nExit codes: 0 ok, 1 failed, 2 usage, 3 refused by a safety gate, 4 dependency down.',
    )
    .exitOverride()
    .showSuggestionAfterError()

  registerStart(program, loadRun)
  registerStatus(program)
  registerDoctor(program)
  registerDemo(program)
  registerLogs(program)
  registerStop(program)
  registerData(program)
  registerDatabaseUp(program)
  registerPrepare(program)
  registerEnvExample(program)
  registerTrading(program)
  registerDecision(program)
  registerOrder(program)
  registerWallet(program)
  registerLedger(program)
  registerAudit(program)
  registerBacktest(program)
  registerPrompt(program)
  registerTool(program)
  registerToken(program)
  registerMcp(program, loadMcp)
  registerSealer(program)
  registerWorker(program, loadWorker)
  return program
}
