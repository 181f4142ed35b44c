import { typedDataDir } from './cli/command-config.ts'
import { hintAt } from './cli/output.ts'
import { createProgram } from './cli/program.ts'
import { report } from './cli/report.ts'
import { isDebugging } from './config.ts'

// The one program, and the only place that picks implementations. What is heavy is imported by the command that needs it.
// A reader that goes away (`trader status | head`) must not make a stack fall over.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const program = createProgram({
  loadRun: async () => (await import('./stack/run/start-run.ts')).startRun,
  loadMcp: () => import('./mcp/run-mcp-server.ts'),
  loadWorker: async () => (await import('./worker/run-worker.ts')).runWorker,
})

// Also what goes wrong before a command begins is told with its data directory.
hintAt(typedDataDir(process.argv))

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = await report(error, { asJson: process.argv.includes('--json'), withStack: isDebugging() })
}
// Sockets that a library left open must not keep a finished command alive. But what it said must be out: a pipe takes 64 kB at a time.
process.stdout.write('', () => process.exit())
