import { resolve } from 'node:path'

/** Commands that are about no data directory. */
const withoutStack = new Set(['demo', 'prepare', 'env-example', 'worker', 'sealer', 'help'])

/** ` --data-dir DIR`, where DIR is not the one that a command takes by itself in this working directory. */
export function dataDirFlag(dataDir: string): string {
  const path = resolve(dataDir)
  if (path === resolve('data')) return ''
  return ` --data-dir ${/^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`}`
}

/** A text whose commands in back quotes can be typed as they are: each that is about a stack names its data directory. */
export function commandsOf(text: string, dataDir: string): string {
  const flag = dataDirFlag(dataDir)
  return text.replaceAll(/`((?:\.\/)?trader) ([a-z-]+)([^`]*)`/g, (quoted, program: string, command: string, rest: string) =>
    withoutStack.has(command) || rest.includes('--data-dir') ? quoted : `\`${program} ${command}${rest}${flag}\``,
  )
}
