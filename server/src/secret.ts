import { inspect } from 'node:util'

const redacted = '[secret]'

/** A text that must not be shown. It prints, serialises and inspects as `[secret]`; only `reveal` gives it away. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [inspect.custom](): string {
    return redacted
  }
}
