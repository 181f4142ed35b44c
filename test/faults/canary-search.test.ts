import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { needlesOf, searchFiles, searchText } from './canary-search.ts'

// A search that finds nothing proves nothing until it has found something.

const value = 'canary/+="é\n0123456789abcdef'
const needles = needlesOf([{ name: 'KEY', value }])
const bytes = Buffer.from(value)

describe('the search for canaries', () => {
  it.each([
    ['raw', `before ${value} after`],
    ['in JSON', JSON.stringify({ key: value })],
    ['in JSON in JSON', JSON.stringify({ body: JSON.stringify({ key: value }) })],
    ['in a URL', `http://x/?key=${encodeURIComponent(value)}`],
    ['in hex', bytes.toString('hex')],
    ['in base64', Buffer.concat([Buffer.from('x'), bytes, Buffer.from('yz')]).toString('base64')],
    ['in base64, one further', Buffer.concat([Buffer.from('xy'), bytes]).toString('base64')],
    ['in base64, two further', Buffer.concat([Buffer.from('xyz'), bytes, Buffer.from('y')]).toString('base64')],
    ['in base64url', Buffer.concat([Buffer.from('ab'), bytes]).toString('base64url')],
    ['in a payload of a history', JSON.stringify({ data: Buffer.from(JSON.stringify({ prompt: { key: value } })).toString('base64') })],
  ])('finds one %s', (_, text) => {
    expect(searchText(needles, { where: 'here', text })).toContainEqual(expect.objectContaining({ name: 'KEY', where: 'here' }))
  })

  it('finds none where there is none', () => {
    expect(searchText(needles, { where: 'here', text: 'canary 0123456789abcdef' })).toEqual([])
  })

  it('finds one across the pieces of a large file, and leaves the named files out', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'canary-'))
    const [large, own] = [join(directory, 'large'), join(directory, 'own')]
    writeFileSync(large, Buffer.concat([Buffer.alloc(2 ** 20 - 5), bytes, Buffer.alloc(3_000_000)]))
    writeFileSync(own, value)
    writeFileSync(join(directory, 'packed'), gzipSync(value)) // what is compressed is not seen: the rows are read by SQL besides
    const found = await searchFiles(needles, { directory, except: [own] })
    rmSync(directory, { recursive: true })
    expect(found).toMatchObject({ hits: [{ name: 'KEY', encoding: 'raw', where: large }], files: 2 })
  })
})
