import { z } from 'zod'

/** What a caller may do: see; also trade and pause; also change limits, prompts and the stack. Each contains the one before. */
export const scope = z.enum(['read', 'trade', 'admin'])
export type Scope = z.infer<typeof scope>

/** Who calls. `name` goes into the records of what the caller changed. */
export interface Principal {
  readonly name: string
  readonly scope: Scope
}

export function covers(held: Scope, needed: Scope): boolean {
  return scope.options.indexOf(held) >= scope.options.indexOf(needed)
}
