/**
 * MurmurHash3_x86_32 (Austin Appleby, public domain) over 32-bit words. Used as a counter-based generator: the random number of a
 * place is a function of the place, so any part of a random path can be made without the parts before it.
 */
export function murmur3(seed: number, words: readonly number[]): number {
  let hash = seed | 0
  for (const word of words) {
    hash ^= Math.imul(rotateLeft(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593)
    hash = (Math.imul(rotateLeft(hash, 13), 5) + 0xe6546b64) | 0
  }
  hash ^= words.length * 4
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

/** Random numbers of one seed and purpose; the same place gives the same number, always. */
export interface SeededRandom {
  /** Between 0 and 1, both excluded. */
  readonly uniform: (stream: number, place: number, detail?: number) => number
  /** Mean 0, variance 1 (Box and Muller, 1958). */
  readonly gaussian: (stream: number, place: number, detail?: number) => number
}

export function seededRandom(seed: number, purpose: string): SeededRandom {
  const key = murmur3(
    murmur3(0, [seed | 0, Math.floor(seed / 2 ** 32) | 0]),
    Array.from(purpose, (letter) => letter.codePointAt(0) ?? 0),
  )
  const draw = (stream: number, place: number, detail: number, part: number): number =>
    (murmur3(key, [stream, place, detail, part]) + 0.5) / 2 ** 32
  return {
    uniform: (stream, place, detail = 0) => draw(stream, place, detail, 0),
    gaussian: (stream, place, detail = 0) =>
      Math.sqrt(-2 * Math.log(draw(stream, place, detail, 1))) * Math.cos(2 * Math.PI * draw(stream, place, detail, 2)),
  }
}
