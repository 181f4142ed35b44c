import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { exitCodes } from '../exit-code.ts'
import { aboutAStack, commandConfig } from './command-config.ts'
import { print, printJson, say } from './output.ts'
import { withDatabase } from './with-database.ts'

interface Flags {
  readonly dataDir?: string
  readonly json?: boolean
}

const oneInstant = { isolation: 'repeatable read' } as const

/** `trader ledger check|export`: the book of record, straight from the database. */
export function registerLedger(program: Command): void {
  const ledger = program.command('ledger').description('check and export the double-entry ledger')

  const check = ledger
    .command('check')
    .description('recompute the books from their parts; exit code 1 where something does not add up')
    .option('--json', 'one JSON document')
  aboutAStack(check).action(async (flags: Flags) => {
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
    .option('--run <id>', 'of one run; default: all')
    .option('--out <file>', 'into a file; default: stdout')
    .option('--json', 'on one line')
  aboutAStack(exporting).action(async (flags: Flags & { run?: string; out?: string }) => {
    const [{ ledgerExport }, { withTransaction }] = await Promise.all([
      import('../database/queries/ledger-export.ts'),
      import('../database/pool.ts'),
    ])
    const of = flags.run === undefined ? {} : { runId: flags.run }
    const exported = await withDatabase(commandConfig(flags), (pool) =>
      withTransaction(pool, (transaction) => ledgerExport(transaction, of), oneInstant),
    )
    if (flags.out !== undefined) {
      writeFileSync(flags.out, `${JSON.stringify(exported, null, 2)}\n`, { mode: 0o600 })
      say(`wrote ${exported.transactions.length} transactions to ${flags.out}`)
    } else if (flags.json === true) printJson(exported)
    else print(JSON.stringify(exported, null, 2))
  })
}

function sums(perAsset: Readonly<Record<string, string>>): string {
  const parts = Object.entries(perAsset).map(([asset, sum]) => `${asset} ${sum}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}
