/** Something that is not as it was sealed. */
export interface Finding {
  /** The table, or `seal`. */
  readonly kind: string
  /** The row's key, the seal's number (`7`, or `7-9` for several), or `line 3` of the seal log. */
  readonly id: string
  readonly why: string
}

const mostKept = 10_000

/** Collects what was found; of a very long list the first 10,000, so that a table that is gone does not fill the memory. */
export class Findings {
  readonly list: Finding[] = []
  total = 0

  add(finding: Finding): void {
    this.total += 1
    if (this.list.length < mostKept) this.list.push(finding)
  }
}
