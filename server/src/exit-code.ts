/** What a command's exit code says. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, refused: 3, dependencyDown: 4 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** An end of a command that its user can mend: the message says what was found and what to do, and no stack trace is shown. */
export class ExitError extends Error {
  readonly exitCode: ExitCode

  constructor(kind: keyof typeof exitCodes, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCodes[kind]
  }
}

/** The message of whatever was thrown, with its causes, on one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error instanceof AggregateError ? error.errors.map(describeError).join('; ') : ''
  const own = [error.message, inner].filter((text) => text !== '').join(': ') || error.name
  return error.cause === undefined ? own : `${own}: ${describeError(error.cause)}`
}
