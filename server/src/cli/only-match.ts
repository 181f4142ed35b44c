import { ExitError } from '../exit-code.ts'

/** More than these are not listed. */
export const mostMatches = 11

/** The one id that was meant by its beginning. None ends the command as failed, several as a wrong use that lists them. */
export function onlyMatch({ kind, typed, matches }: { kind: 'decision' | 'order'; typed: string; matches: readonly string[] }): string {
  const [first, ...others] = matches
  if (first === undefined) throw new ExitError('failed', `there is no ${kind} ${typed}; \`trader ${kind} list\` shows the ids`)
  if (others.length === 0) return first
  const exact = matches.find((id) => id === typed)
  if (exact !== undefined) return exact
  const count = matches.length < mostMatches ? String(matches.length) : `${mostMatches} or more`
  throw new ExitError(
    'usage',
    `${typed} is the beginning of ${count} ${kind} ids; type more of the one you mean:\n  ${matches.join('\n  ')}`,
  )
}
