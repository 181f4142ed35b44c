/** Hears of errors that nobody caught. Until `close`, they do not end the process. */
export interface UncaughtErrors {
  /** Rejects at the first one. */
  readonly first: Promise<never>
  close(): void
}

/** A supervisor must not fall over a stray error and leave its children alone: the error is handed to it, and it stops in order. */
export function catchUncaughtErrors(): UncaughtErrors {
  const first = Promise.withResolvers<never>()
  first.promise.catch(() => {}) // it may come when nobody waits any more; the stack is stopping then anyway
  const listener = (error: unknown): void => {
    if (!isLateRetry(error)) first.reject(error)
  }
  process.on('uncaughtException', listener)
  process.on('unhandledRejection', listener)
  return {
    first: first.promise,
    close: () => {
      process.off('uncaughtException', listener)
      process.off('unhandledRejection', listener)
    },
  }
}

/**
 * Temporal's client retries a call by a timer that outlives the connection: closing one with a call under way throws this later.
 * Nobody waits for that call any more.
 */
function isLateRetry(error: unknown): boolean {
  return error instanceof Error && error.message === 'Channel has been shut down'
}
