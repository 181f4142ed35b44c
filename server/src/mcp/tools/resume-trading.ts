import { changeFlag, flagInput, flagOutput } from '../change-flag.ts'
import { defineTool } from '../tool.ts'

export const resumeTrading = defineTool({
  name: 'resume_trading',
  title: 'Resume trading',
  description: 'Lifts a pause or a halt: orders are accepted again. Use it only when the user asks for it.',
  input: flagInput,
  output: flagOutput,
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  scope: 'trade',
  primitive: 'update',
  run: (context, { reason }) => changeFlag(context, { state: 'active', reason }),
})
