import type { Config } from '../config.ts'
import { ExitError } from '../exit-code.ts'

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']
const wildcards = new Set(['0.0.0.0', '::'])

type Names = Pick<Config, 'HOST' | 'ALLOWED_HOSTS'>

/** Whether a name means this machine for whoever says it. */
export function isLoopbackName(name: string): boolean {
  return loopbackNames.includes(name)
}

/** The names under which the servers answer: this machine's, the one they were told to listen on, and those of ALLOWED_HOSTS. */
export function answeredNames({ HOST, ALLOWED_HOSTS }: Names): string[] {
  return [...loopbackNames, ...(wildcards.has(HOST) ? [] : [HOST.includes(':') ? `[${HOST}]` : HOST.toLowerCase()]), ...ALLOWED_HOSTS]
}

/** Ends the command where the servers would listen for other machines and have no name to answer them under. */
export function requireNamesOutside({ HOST, ALLOWED_HOSTS }: Names): void {
  if (!wildcards.has(HOST) || ALLOWED_HOSTS.length > 0) return
  throw new ExitError(
    'usage',
    `HOST=${HOST} listens for other machines, but no name is allowed for them: set ALLOWED_HOSTS to the names they use, such as trader.lan,192.168.1.5 (each of their calls needs a token), or HOST to 127.0.0.1`,
  )
}
