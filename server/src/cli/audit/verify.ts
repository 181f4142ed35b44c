import type { Command } from 'commander'
import type { AuditVerdict } from '../../audit/verify-audit.ts'
import { exitCodes } from '../../exit-code.ts'
import { dataDirPaths } from '../../stack/data-dir.ts'
import { answersJson, commandConfig, type JsonFlags } from '../command-config.ts'
import { print, printJson, say } from '../output.ts'
import { withDatabase } from '../with-database.ts'

const progressEveryMs = 1000
/** Between a seal's commit and its line in the seal log. */
const lineWithinMs = 2000

/** `trader audit verify`: compares everything that was sealed with what is there now; also while the stack is stopped. */
export function registerAuditVerify(audit: Command): void {
  const command = audit
    .command('verify')
    .description('find every sealed record that was altered, removed, added or cut off; exit code 1 where there is one')
  answersJson(command).action(async (flags: JsonFlags) => {
    const config = commandConfig(flags)
    const [{ verifyAudit }, { readSealPublicKey }, { withTransaction }] = await Promise.all([
      import('../../audit/verify-audit.ts'),
      import('../../audit/seal-key.ts'),
      import('../../database/pool.ts'),
    ])
    const { sealLog, sealPublicKey } = dataDirPaths(config.DATA_DIR)
    const publicKey = readSealPublicKey({ sealPublicKey })
    const verdict = await withDatabase(config, (pool) =>
      withTransaction(pool, (db) => verifyAudit(db, { publicKey, sealLog, lineWithinMs, onProgress: sayProgress() }), {
        isolation: 'repeatable read',
      }),
    )
    if (flags.json === true) printJson(verdict)
    else describe(verdict).forEach(print)
    if (!verdict.ok) process.exitCode = exitCodes.failed
  })
}

/** Once a second, so that a large journal is seen to be worked on. */
function sayProgress(): (progress: { records: number; of: number }) => void {
  let last = performance.now()
  return ({ records, of }) => {
    if (performance.now() - last < progressEveryMs) return
    last = performance.now()
    say(`checked ${records.toLocaleString('en')} of ${of.toLocaleString('en')} records`)
  }
}

function describe(verdict: AuditVerdict): string[] {
  const { seals, records, unsealed, oldest_unsealed_ms: age, longest_lag_ms: lag, bad, bad_total: total } = verdict
  const waiting = unsealed === 0 ? 'nothing waits for a seal' : `${unsealed} not sealed yet, the oldest for ${seconds(age ?? 0)}`
  return [
    `${records} records in ${seals} seals; ${waiting}; the longest wait ever was ${seconds(lag)}`,
    ...verdict.accepted_gaps.map(
      (gap) => `seals ${gap.from} to ${gap.to} are missing in the ${gap.in}, as its owner said when putting it back`,
    ),
    ...bad.map(({ kind, id, why }) => `  ${kind} ${id}: ${why}`),
    ...(total > bad.length ? [`  and ${total - bad.length} more`] : []),
    verdict.ok
      ? 'everything is as it was sealed'
      : `${total} ${total === 1 ? 'finding' : 'findings'}: the record was tampered with, or is damaged`,
  ]
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
