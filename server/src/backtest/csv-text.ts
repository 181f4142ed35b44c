/** Rows as CSV with a header, in the order of the columns; what has a comma, a quote or a line feed is quoted (RFC 4180). */
export function csvText(columns: readonly string[], rows: readonly Readonly<Record<string, string | number>>[]): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column] ?? '')).join(','))
  return `${[columns.join(','), ...lines].join('\n')}\n`
}

function cell(value: string | number): string {
  const text = String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
