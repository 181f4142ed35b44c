import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { describeError, ExitError } from '../../exit-code.ts'
import { dataDirPaths } from '../../stack/data-dir.ts'
import { stackId } from '../../stack/stack-id.ts'
import { answersJson, commandConfig, type JsonFlags } from '../command-config.ts'
import { printJson, say } from '../output.ts'
import { withDatabase } from '../with-database.ts'

/** `trader audit export FILE`: the sealed records with their seals, for a verifier that has nothing of ours. */
export function registerAuditExport(audit: Command): void {
  const command = audit
    .command('export <file>')
    .description('write all sealed records with their seals, for its owner alone; bin/verify-audit-bundle.mjs checks the file')
    .option('--record <kind/id>', 'only the records of one row, such as fill/<id>, each with its path to the root of its seal')
  answersJson(command).action(async (file: string, flags: JsonFlags & { record?: string }) => {
    const config = commandConfig(flags)
    const [{ auditBundle, recordProof }, { readSealPublicKey }, { withTransaction }] = await Promise.all([
      import('../../audit/export-bundle.ts'),
      import('../../audit/seal-key.ts'),
      import('../../database/pool.ts'),
    ])
    const dataDir = dataDirPaths(config.DATA_DIR)
    const options = { publicKey: readSealPublicKey(dataDir), stackId: stackId(dataDir), exportedAt: Date.now() }
    const record = flags.record === undefined ? undefined : recordName(flags.record)
    let end: { seals: number; records: number } | undefined
    await withDatabase(config, (pool) =>
      withTransaction(
        pool,
        async (db) => {
          const lines = record === undefined ? auditBundle(db, options) : recordProof(db, { ...options, ...record })
          await write(file, lines, (last) => (end = JSON.parse(last) as { seals: number; records: number })) // our own last line
        },
        { isolation: 'repeatable read' },
      ),
    )
    const { seals = 0, records = 0 } = end ?? {}
    if (record !== undefined && records === 0) throw new ExitError('failed', `no sealed record is called ${flags.record}`)
    if (flags.json === true) printJson({ file, seals, records })
    else say(`wrote ${records} records in ${seals} seals to ${file}`)
  })
}

function recordName(text: string): { kind: string; id: string } {
  const at = text.indexOf('/')
  if (at < 1) throw new ExitError('usage', `--record must be a table and a key, such as fill/<id>, was ${JSON.stringify(text)}`)
  return { kind: text.slice(0, at), id: text.slice(at + 1) }
}

async function write(file: string, lines: AsyncGenerator<string>, onLast: (line: string) => void): Promise<void> {
  let last = ''
  try {
    await pipeline(
      async function* () {
        for await (const line of lines) yield (last = line)
      },
      createWriteStream(file, { mode: 0o600 }),
    )
  } catch (error) {
    throw new ExitError('failed', `cannot write ${file}: ${describeError(error)}`, { cause: error })
  }
  onLast(last)
}
