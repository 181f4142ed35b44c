import { Context } from '@temporalio/activity'

const beatMs = 1000

/** Runs long work with a heartbeat each second, whatever it waits for: a worker that died is noticed by the silence. */
export async function beating<Result>(work: (report: (progress: unknown) => void) => Promise<Result>): Promise<Result> {
  const context = Context.current()
  let last: unknown
  const timer = setInterval(() => context.heartbeat(last), beatMs)
  try {
    return await work((progress) => {
      last = progress
    })
  } finally {
    clearInterval(timer)
  }
}
