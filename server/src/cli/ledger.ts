import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describeError, exitCodes, ExitError } from '../exit-code.ts'
import { answersJson, commandConfig, type JsonFlags, type RunFlags } from './command-config.ts'
import { currentRun } from './current-run.ts'
import { idText } from './option-values.ts'
import { print, printJson, say } from './output.ts'
import { withDatabase } from './with-database.ts'

const oneInstant = { isolation: 'repeatable read' } as const

/** `trader ledger check|export`: the book of record, straight from the database. */
export function registerLedger(program: Command): void {
  const ledger = program.command('ledger').description('check and export the double-entry ledger')

  const check = ledger.command('check').description('recompute the books from their parts; exit code 1 where something does not add up')
  answersJson(check).action(async (flags: JsonFlags) => {
    const [{ ledgerCheck }, { withTransaction }] = await Promise.all([
      import('../database/queries/ledger-check.ts'),
      import('../database/pool.ts'),
    ])
    const checked = await withDatabase(commandConfig(flags), (pool) => withTransaction(pool, ledgerCheck, oneInstant))
    if (flags.json === true) printJson(checked)
    else {
      print(`${checked.transactions} transactions; sums: ${sums(checked.sums)}`)
      checked.problems.forEach((problem) => print(`  ${problem}`))
      print(checked.ok ? 'the ledger is in balance' : `${checked.problems.length} problems`)
    }
    if (!checked.ok) process.exitCode = exitCodes.failed
  })

  const exporting = ledger
    .command('export')
    .description('accounts, transactions, entries, orders and fills as one JSON document')
    .option('--run <id>', 'of one run; default: all', idText('--run', 'the id of a run'))
    .option('--out <file>', 'into a file, for its owner alone; default: stdout')
  answersJson(exporting).action(async (flags: RunFlags & { out?: string }) => {
    const config = commandConfig(flags)
    const [{ ledgerExport }, { withTransaction }] = await Promise.all([
      import('../database/queries/ledger-export.ts'),
      import('../database/pool.ts'),
    ])
    const of = flags.run === undefined ? {} : { runId: flags.run }
    const exported = await withDatabase(config, async (pool) => {
      if (flags.run !== undefined) await currentRun(pool, { config, runId: flags.run })
      return withTransaction(pool, (transaction) => ledgerExport(transaction, of), oneInstant)
    })
    if (flags.out !== undefined) {
      writeOut(flags.out, `${JSON.stringify(exported, null, 2)}\n`)
      const { length: transactions } = exported.transactions
      if (flags.json === true) printJson({ file: flags.out, transactions })
      else say(`wrote ${transactions} transactions to ${flags.out}`)
    } else if (flags.json === true) printJson(exported)
    else print(JSON.stringify(exported, null, 2))
  })
}

function writeOut(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 })
  } catch (error) {
    throw new ExitError('usage', `cannot write --out ${path}: ${describeError(error)}`)
  }
}

function sums(perAsset: Readonly<Record<string, string>>): string {
  const parts = Object.entries(perAsset).map(([asset, sum]) => `${asset} ${sum}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}
