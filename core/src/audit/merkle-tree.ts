import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'

// The tree of RFC 6962, section 2.1, over SHA-256. Leaves and nodes are hashed under different first bytes, so that none passes for the other.

const leafMark = Uint8Array.of(0)
const nodeMark = Uint8Array.of(1)

export const leafHash = (data: Uint8Array): Uint8Array => sha256(concatBytes(leafMark, data))

const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(concatBytes(nodeMark, left, right))

/** MTH: the root over leaf hashes in their order; SHA-256 of nothing where there is none. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array())
  return subtreeRoot(leaves, 0, leaves.length)
}

/** PATH (section 2.1.1): the hashes that lead from the leaf at `index` to the root, lowest first. */
export function inclusionPath(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (index < 0 || index >= leaves.length) throw new Error(`a tree of ${leaves.length} leaves has none at ${index}`)
  const path: Uint8Array[] = []
  let [start, end] = [0, leaves.length]
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    const isLeft = index < middle
    path.unshift(isLeft ? subtreeRoot(leaves, middle, end) : subtreeRoot(leaves, start, middle))
    if (isLeft) end = middle
    else start = middle
  }
  return path
}

/** The root that a leaf and its path lead to; null where a tree of `size` leaves has no such path. */
export function rootOfPath(options: { leaf: Uint8Array; index: number; size: number; path: readonly Uint8Array[] }): Uint8Array | null {
  const { leaf, index, size, path } = options
  if (index < 0 || index >= size) return null
  return climb({ leaf, index, size, path })
}

/** From the top: the last hash of the path is the other half of the whole tree. */
function climb({
  leaf,
  index,
  size,
  path,
}: {
  leaf: Uint8Array
  index: number
  size: number
  path: readonly Uint8Array[]
}): Uint8Array | null {
  if (size === 1) return path.length === 0 ? leaf : null
  const other = path.at(-1)
  if (other === undefined) return null
  const half = largestPowerBelow(size)
  const rest = path.slice(0, -1)
  const isLeft = index < half
  const own = isLeft ? climb({ leaf, index, size: half, path: rest }) : climb({ leaf, index: index - half, size: size - half, path: rest })
  if (own === null) return null
  return isLeft ? nodeHash(own, other) : nodeHash(other, own)
}

function subtreeRoot(leaves: readonly Uint8Array[], start: number, end: number): Uint8Array {
  const only = leaves[start]
  if (only === undefined) throw new Error(`there is no leaf ${start}`)
  if (end - start === 1) return only
  const middle = start + largestPowerBelow(end - start)
  return nodeHash(subtreeRoot(leaves, start, middle), subtreeRoot(leaves, middle, end))
}

/** The largest power of two below `size` (2 and up). */
function largestPowerBelow(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}
