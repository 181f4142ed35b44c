import { commandsOf } from '../command-hint.ts'

/** Data goes to stdout. With --json a command prints one document, on one line, last. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Talk goes to stderr. */
export function say(text: string): void {
  process.stderr.write(`${hint(text)}\n`)
}

// A process is one command, about one data directory.
let hintedDataDir: string | undefined

/** From now on, commands in what is said name this data directory. */
export function hintAt(dataDir: string): void {
  hintedDataDir = dataDir
}

/** A text whose commands can be typed as they are. */
export function hint(text: string): string {
  return hintedDataDir === undefined ? text : commandsOf(text, hintedDataDir)
}

/** Rows as columns that align; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
