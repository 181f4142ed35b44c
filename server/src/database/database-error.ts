import pg from 'pg'

/** The database refused something that our own code must never ask: a broken invariant, an impossible move, an unknown id. */
export class LedgerRefused extends Error {
  override readonly name = 'LedgerRefused'
}

/** A key that was used before came again with another body. Nothing was written. */
export class IdempotencyConflict extends Error {
  override readonly name = 'IdempotencyConflict'
}

/** Our own RAISE, integrity violations (class 23), impossible values (22) and ones beyond a limit (54): the same call would fail again. */
const refusedClasses = ['P0', '22', '23', '54']

/** The world failed, not the request: the same transaction may succeed when it is run again with the same keys. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  if (code === undefined)
    return /connection terminated|is not queryable|timeout exceeded when trying to connect|query read timeout/i.test(error.message)
  return (
    ['40001', '40P01', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT'].includes(code) || code.startsWith('08') || code.startsWith('57P0')
  )
}

/** An error that says what the database found, its constraint and where; the driver's own is the cause. */
export function explain(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  const found = [error.message, error.detail, error.constraint && `constraint ${error.constraint}`, error.where?.split('\n')[0]]
  const message = `${found.filter(Boolean).join('; ')} (SQLSTATE ${error.code ?? 'none'})`
  const isRefusal = refusedClasses.some((start) => error.code?.startsWith(start))
  return isRefusal ? new LedgerRefused(message, { cause: error }) : new Error(message, { cause: error })
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
