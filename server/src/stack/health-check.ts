/** What one check found. `fix` is the command that mends it. */
export interface Finding {
  readonly name: string
  /** `pending`: not there yet, and the next start makes it. */
  readonly state: 'ok' | 'pending' | 'warning' | 'problem'
  readonly detail: string
  readonly fix: string | null
}

export const fine = (name: string, detail: string): Finding => ({ name, state: 'ok', detail, fix: null })

export const pending = (name: string, detail: string): Finding => ({ name, state: 'pending', detail, fix: null })

export function trouble(
  name: string,
  detail: string,
  { state = 'problem', fix = null }: { state?: 'warning' | 'problem'; fix?: string | null } = {},
): Finding {
  return { name, state, detail, fix }
}
