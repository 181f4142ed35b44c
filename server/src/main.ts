import { Command } from 'commander'
import { registerAudit } from './cli/audit/audit.ts'
import { registerSealer } from './cli/audit/sealer.ts'
import { typedDataDir } from './cli/command-config.ts'
import { registerDatabaseUp } from './cli/database-stack.ts'
import { registerDecision } from './cli/decision.ts'
import { registerDemo } from './cli/demo.ts'
import { registerDoctor } from './cli/doctor.ts'
import { registerEnvExample } from './cli/env-example.ts'
import { registerLedger } from './cli/ledger.ts'
import { registerLogs } from './cli/logs.ts'
import { registerMcp } from './cli/mcp.ts'
import { registerOrder } from './cli/order.ts'
import { hintAt } from './cli/output.ts'
import { registerPrepare } from './cli/prepare.ts'
import { registerPrompt } from './cli/prompt.ts'
import { report } from './cli/report.ts'
import { registerStart } from './cli/start.ts'
import { registerStatus } from './cli/status.ts'
import { registerStop } from './cli/stop.ts'
import { registerToken } from './cli/token.ts'
import { registerTool } from './cli/tool.ts'
import { registerTrading } from './cli/trading.ts'
import { registerWallet } from './cli/wallet.ts'
import { registerWorker } from './cli/worker.ts'
import { isDebugging } from './config.ts'

// The one program, and the only place that picks implementations. What is heavy is imported by the command that needs it.
// A reader that goes away (`trader status | head`) must not make a stack fall over.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const program = new Command('trader')
  .description(
    'A 24x7 multi-agent crypto trading stack for one trader.\nExit codes: 0 ok, 1 failed, 2 usage, 3 refused by a safety gate, 4 dependency down.',
  )
  .exitOverride()
  .showSuggestionAfterError()

registerStart(program, async () => (await import('./stack/run/start-run.ts')).startRun)
registerStatus(program)
registerDoctor(program)
registerDemo(program)
registerLogs(program)
registerStop(program)
registerDatabaseUp(program)
registerPrepare(program)
registerEnvExample(program)
registerTrading(program)
registerDecision(program)
registerOrder(program)
registerWallet(program)
registerLedger(program)
registerAudit(program)
registerPrompt(program)
registerTool(program)
registerToken(program)
registerMcp(program, () => import('./mcp/run-mcp-server.ts'))
registerSealer(program)
registerWorker(program, async () => (await import('./worker/run-worker.ts')).runWorker)

// Also what goes wrong before a command begins is told with its data directory.
hintAt(typedDataDir(process.argv))

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = await report(error, { asJson: process.argv.includes('--json'), withStack: isDebugging() })
}
// Sockets that a library left open must not keep a finished command alive. But what it said must be out: a pipe takes 64 kB at a time.
process.stdout.write('', () => process.exit())
