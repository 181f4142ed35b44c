// Our contestant of the benchmark: PRODUCT_BACKTEST_CMD="node bin/backtest-contest.js". What was compiled once is kept, as an installed
// program would be compiled already.
import { enableCompileCache } from 'node:module'

enableCompileCache()
const { runContest } = await import('../server/src/backtest/contest.ts')
try {
  process.stdout.write(`RESULT ${JSON.stringify(await runContest(process.argv.slice(2)))}\n`)
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = error?.exitCode ?? 1
}
