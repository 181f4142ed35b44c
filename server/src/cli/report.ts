import { CommanderError } from 'commander'
import { describeError, exitCodes, ExitError, type ExitCode } from '../exit-code.ts'
import { hint, printJson, say } from './output.ts'

/** Says why a command ended, once and without a stack trace, and answers its exit code. */
export async function report(error: unknown, { asJson, withStack }: { asJson: boolean; withStack: boolean }): Promise<ExitCode> {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
  const { exitCode, message } = await explained(error, withStack)
  // What was typed wrong, commander has said by itself.
  if (!(error instanceof CommanderError)) say(`error: ${message}`)
  if (asJson) printJson({ error: hint(message), exit_code: exitCode })
  return exitCode
}

async function explained(error: unknown, withStack: boolean): Promise<{ exitCode: ExitCode; message: string }> {
  if (error instanceof ExitError) return error
  if (error instanceof CommanderError) return { exitCode: exitCodes.usage, message: error.message.replace(/^error: /, '') }
  const { isTransient } = await import('../database/database-error.ts')
  if (isTransient(error))
    return {
      exitCode: exitCodes.dependencyDown,
      message: `Postgres went away meanwhile (${describeError(error)}); \`trader status\` shows what runs`,
    }
  const where = withStack && error instanceof Error ? `\n${error.stack}` : '; LOG_LEVEL=debug shows where'
  return { exitCode: exitCodes.failed, message: `${describeError(error)} (not foreseen: please report it${where})` }
}
