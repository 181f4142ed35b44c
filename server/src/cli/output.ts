/** Data goes to stdout. With --json a command prints one document, on one line, last. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Talk goes to stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
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
