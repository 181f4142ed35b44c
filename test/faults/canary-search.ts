import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A value that may be nowhere, by the name of what holds it. */
export interface Canary {
  readonly name: string
  readonly value: string
}

export interface Hit {
  readonly name: string
  readonly encoding: string
  readonly where: string
}

interface Needle extends Omit<Hit, 'where'> {
  readonly bytes: Buffer
}

/** Each canary in every form in which it could lie about: as it is, and as other programs write it. */
export function needlesOf(canaries: readonly Canary[]): Needle[] {
  return canaries.flatMap(({ name, value }) => {
    const forms = new Map(Object.entries(formsOf(value)).map(([encoding, text]) => [text, encoding]))
    return [...forms].map(([text, encoding]) => ({ name, encoding, bytes: Buffer.from(text, 'utf8') }))
  })
}

function formsOf(value: string): Record<string, string> {
  const json = JSON.stringify(value).slice(1, -1)
  const jsonTwice = JSON.stringify(json).slice(1, -1)
  const hex = Buffer.from(value, 'utf8').toString('hex')
  return {
    raw: value,
    json,
    'json twice': jsonTwice,
    url: encodeURIComponent(value),
    hex,
    'hex, capital': hex.toUpperCase(),
    ...base64Forms('base64', value),
    ...base64Forms('base64 of json', json),
  }
}

/** Three places that a text may have in base64; the characters that its neighbours decide are left out. */
function base64Forms(name: string, text: string): Record<string, string> {
  const places = [0, 1, 2].map((place) => {
    const encoded = Buffer.concat([Buffer.alloc(place), Buffer.from(text, 'utf8')])
      .toString('base64')
      .replaceAll('=', '')
    return encoded.slice(place === 0 ? 0 : place + 1, -1)
  })
  const forms = places.flatMap((form, place): [string, string][] => [
    [`${name}, place ${place}`, form],
    [`${name}url, place ${place}`, form.replaceAll('+', '-').replaceAll('/', '_')],
  ])
  return Object.fromEntries(forms)
}

export function searchText(needles: readonly Needle[], { where, text }: { where: string; text: string }): Hit[] {
  return searchBytes(needles, { where, bytes: Buffer.from(text, 'utf8') })
}

function searchBytes(needles: readonly Needle[], { where, bytes }: { where: string; bytes: Buffer }): Hit[] {
  return needles.filter((needle) => bytes.includes(needle.bytes)).map(({ name, encoding }) => ({ name, encoding, where }))
}

/** Every file below a directory but those named, database files included. */
export async function searchFiles(
  needles: readonly Needle[],
  { directory, except = [] }: { directory: string; except?: readonly string[] },
): Promise<{ hits: Hit[]; files: number; bytes: number }> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const searched = paths.filter((path) => !except.includes(path))
  const hits: Hit[] = []
  let bytes = 0
  for (const path of searched) {
    const found = await searchFile(needles, path)
    hits.push(...found.hits)
    bytes += found.bytes
  }
  return { hits, files: searched.length, bytes }
}

/** Piece by piece, each with the end of the one before: a needle may lie across. */
async function searchFile(needles: readonly Needle[], path: string): Promise<{ hits: Hit[]; bytes: number }> {
  const longest = Math.max(0, ...needles.map(({ bytes }) => bytes.length))
  const hits = new Map<string, Hit>()
  let rest = Buffer.alloc(0)
  let read = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    // no encoding is set
    read += chunk.length
    const bytes = Buffer.concat([rest, chunk])
    for (const hit of searchBytes(needles, { where: path, bytes })) hits.set(`${hit.name} ${hit.encoding}`, hit)
    rest = bytes.subarray(Math.max(0, bytes.length - longest))
  }
  return { hits: [...hits.values()], bytes: read }
}
