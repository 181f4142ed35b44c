import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/** What a long proof has done so far, so that it goes on where it was interrupted. One file per name in .cache, which nobody commits. */
export interface Progress<Part> {
  /** Parts that were kept by earlier starts. */
  readonly done: Part[]
  keep(parts: readonly Part[]): void
  forget(): void
}

/** `name` says all that makes two starts the same proof: its size and its seed. */
export function openProgress<Part>(name: string): Progress<Part> {
  const folder = new URL('../../.cache/certify/', import.meta.url)
  const file = new URL(`${name}.json`, folder)
  mkdirSync(folder, { recursive: true })
  return {
    done: read(file),
    keep: (parts) => writeFileSync(file, JSON.stringify(parts)),
    forget: () => rmSync(file, { force: true }),
  }
}

function read<Part>(file: URL): Part[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Part[] // written by `keep`
  } catch {
    return [] // nothing was begun
  }
}
