import { changeFlag, flagInput, flagOutput } from '../change-flag.ts'
import { defineTool } from '../tool.ts'

export const pauseTrading = defineTool({
  name: 'pause_trading',
  title: 'Pause trading',
  description:
    'Refuses new entries from now on; stops, take-profits and exits go on. Use it when the user wants no new positions but keeps the open ones guarded.',
  input: flagInput,
  output: flagOutput,
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
  scope: 'trade',
  primitive: 'update',
  run: (context, { reason }) => changeFlag(context, { state: 'paused', reason }),
})
