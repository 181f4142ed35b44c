import type { Command } from 'commander'
import { registerAcceptRestore } from './accept-restore.ts'
import { registerAuditExport } from './export.ts'
import { registerAuditReplay } from './replay.ts'
import { registerAuditVerify } from './verify.ts'

/** `trader audit ...`: what was recorded is still there, as it was. */
export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('prove that nothing recorded was changed')
  registerAuditReplay(audit)
  registerAuditVerify(audit)
  registerAuditExport(audit)
  registerAcceptRestore(audit)
}
