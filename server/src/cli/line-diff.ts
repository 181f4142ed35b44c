export interface DiffLine {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

/** The shortest way from one text to the other, line by line (longest common subsequence). */
export function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  const common = commonLengths(before, after)
  const lines: DiffLine[] = []
  let [a, b] = [0, 0]
  while (a < before.length || b < after.length) {
    const [old, fresh] = [before[a], after[b]]
    if (old !== undefined && old === fresh) {
      lines.push({ sign: ' ', text: old })
      a += 1
      b += 1
    } else if (fresh === undefined || (old !== undefined && lengthAt(common, a + 1, b) >= lengthAt(common, a, b + 1))) {
      lines.push({ sign: '-', text: old ?? '' })
      a += 1
    } else {
      lines.push({ sign: '+', text: fresh })
      b += 1
    }
  }
  return lines
}

/** Length of the longest common subsequence of what follows each pair of places. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths: number[][] = Array.from({ length: before.length + 1 }, () => [])
  for (let a = before.length - 1; a >= 0; a -= 1) {
    const row = lengths[a] ?? []
    for (let b = after.length - 1; b >= 0; b -= 1) {
      row[b] =
        before[a] === after[b] ? lengthAt(lengths, a + 1, b + 1) + 1 : Math.max(lengthAt(lengths, a + 1, b), lengthAt(lengths, a, b + 1))
    }
  }
  return lengths
}

function lengthAt(lengths: readonly (readonly number[])[], a: number, b: number): number {
  return lengths[a]?.[b] ?? 0
}
