import { z } from 'zod'

/**
 * A signal handler that nothing can wedge. A message that does not fit its schema, and one whose handling fails, is told to
 * `refuse`: an error that left the handler would fail the workflow task, which is tried again for ever.
 */
export function receiving<Message>(
  schema: z.ZodType<Message>,
  handle: (message: Message) => void,
  refuse: (why: string) => void,
): (message: unknown) => void {
  return (message) => {
    const parsed = schema.safeParse(message)
    if (!parsed.success) return refuse(z.prettifyError(parsed.error))
    try {
      handle(parsed.data)
    } catch (error) {
      refuse(String(error))
    }
  }
}
