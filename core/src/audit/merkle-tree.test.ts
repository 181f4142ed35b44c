import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inclusionPath, leafHash, merkleRoot, rootOfPath } from './merkle-tree.ts'

// The published vectors of the reference implementation of RFC 6962 (certificate-transparency, merkletree tests).
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const paths: readonly { index: number; size: number; path: readonly string[] }[] = [
  { index: 0, size: 1, path: [] },
  {
    index: 0,
    size: 8,
    path: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  },
  {
    index: 5,
    size: 8,
    path: [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  { index: 2, size: 3, path: ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'] },
]

const leaves = inputs.map((input) => leafHash(hexToBytes(input)))

describe('the tree', () => {
  it.each(roots.map((root, size) => ({ root, size })))('of the first $size published leaves has the published root', ({ root, size }) => {
    expect(bytesToHex(merkleRoot(leaves.slice(0, size)))).toBe(root)
  })

  it.each(paths)('has the published path of leaf $index of $size', ({ index, size, path }) => {
    const made = inclusionPath(leaves.slice(0, size), index)
    expect(made.map(bytesToHex)).toEqual(path)
    const leaf = leaves[index] ?? new Uint8Array()
    expect(bytesToHex(rootOfPath({ leaf, index, size, path: made }) ?? new Uint8Array())).toBe(roots[size])
  })

  it('leads every leaf to the root, and no other leaf, place, size or path', () => {
    const tree = fc
      .array(fc.uint8Array({ minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 40 })
      .chain((data) => fc.record({ data: fc.constant(data), index: fc.nat(data.length - 1), bit: fc.nat(255), other: fc.nat(60) }))
    fc.assert(
      fc.property(tree, ({ data, index, bit, other }) => {
        const hashes = data.map(leafHash)
        const root = bytesToHex(merkleRoot(hashes))
        const leaf = hashes[index] ?? new Uint8Array()
        const path = inclusionPath(hashes, index)
        const reached = (change: Partial<Parameters<typeof rootOfPath>[0]>): string =>
          bytesToHex(rootOfPath({ leaf, index, size: hashes.length, path, ...change }) ?? new Uint8Array())
        const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, place) => (place === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
        expect(reached({})).toBe(root)
        expect(reached({ leaf: flipped(leaf) })).not.toBe(root)
        expect(reached({ path: path.with(0, flipped(path[0] ?? leaf)) })).not.toBe(root)
        expect(reached({ path: path.slice(1) })).not.toBe(root)
        expect(reached({ path: [...path, leaf] })).not.toBe(root)
        expect(rootOfPath({ leaf, index: hashes.length + other, size: hashes.length, path })).toBeNull()
      }),
    )
  })
})
