import { condition } from '@temporalio/workflow'
import type { RollOver } from './roll-over.ts'

/** Does a piece of work whenever there is some, until a new run is due; what is left then is carried over in the state. */
export async function whileOpen(
  rollOver: RollOver,
  { hasWork, work }: { hasWork: () => boolean; work: () => Promise<void> },
): Promise<void> {
  for (;;) {
    await condition(() => hasWork() || rollOver.isDue)
    if (rollOver.isDue) return
    await work()
  }
}
