/** Something the demo says of the product, and whether it was so when the demo looked. */
export interface Claim {
  readonly claim: string
  readonly ok: boolean
  /** The numbers that decided. */
  readonly detail: string
  /** Since the demo began. */
  readonly seconds: number
}

/** A claim that did not hold ends the demo. */
export class ClaimFailed extends Error {
  constructor({ claim, detail }: Claim) {
    super(`not so: ${claim} (${detail})`)
  }
}

/** What was claimed so far. Each claim is told as it is made. */
export class Claims {
  readonly all: Claim[] = []
  readonly #began = performance.now()
  readonly #tell: (claim: Claim) => void

  constructor(tell: (claim: Claim) => void) {
    this.#tell = tell
  }

  get seconds(): number {
    return Math.round((performance.now() - this.#began) / 100) / 10
  }

  /** Throws where it is not so. */
  make(claim: string, ok: boolean, detail: string): void {
    const made = { claim, ok, detail, seconds: this.seconds }
    this.all.push(made)
    this.#tell(made)
    if (!ok) throw new ClaimFailed(made)
  }
}
