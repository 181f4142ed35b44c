import { processBirth, signalGroup } from './process-table.ts'
import type { ChildRecord } from './stack-file.ts'
import { waitUntil } from './wait.ts'

/** Ends the children that a supervisor left behind when it was killed, and answers their names. Postgres is asked to shut down fast, as always. */
export async function endLeftovers(children: readonly ChildRecord[]): Promise<string[]> {
  const alive = children.filter(isAlive)
  await Promise.all(alive.map(endLeftover))
  return alive.map((child) => child.name)
}

/** Names of the children that still run. */
export const livingNames = (children: readonly ChildRecord[]): string[] => children.filter(isAlive).map(({ name }) => name)

const isAlive = ({ pid, birth }: ChildRecord): boolean => pid !== null && birth !== null && processBirth(pid) === birth

async function endLeftover(child: ChildRecord): Promise<void> {
  if (child.pid === null) return
  signalGroup(child.pid, child.name === 'postgres' ? 'SIGINT' : 'SIGTERM')
  const ended = await waitUntil(() => !isAlive(child), { timeoutMs: 8000 })
  if (!ended) signalGroup(child.pid, 'SIGKILL')
}
