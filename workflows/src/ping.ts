/** Answers at once. It proves that a worker with our workflows listens on the task queue. */
export function PingWorkflow(): Promise<'pong'> {
  return Promise.resolve('pong')
}
