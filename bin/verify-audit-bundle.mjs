#!/usr/bin/env node
// Checks a bundle that `trader audit export` wrote. It needs Node (20 or newer) and nothing else: no part of the product.
//
//   node verify-audit-bundle.mjs BUNDLE [--key seal-key.pub] [--log seals.log] [--json]
//
// The bundle brings its public key. Whether that is the trader's you only know with --key, from another way than the bundle came.
// --log compares the seals with the copy that the trader kept outside the database, so that a shortened past is seen too.
// Exit code: 0 what was sealed is what the bundle says, 1 it is not, 2 usage.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const { file, key, log, asJson } = readArguments(process.argv.slice(2))
const bad = []
const report = (kind, id, why) => bad.push({ kind, id: String(id), why })
const zeros = '0'.repeat(64)
const sealFields = ['seal', 'sealed_at', 'lag_ms', 'records', 'root', 'previous', 'key_id', 'database_ended_at', 'log_ended_at']

const counts = await checkBundle()
const verdict = { ok: bad.length === 0, ...counts, bad }
if (asJson) console.log(JSON.stringify(verdict))
else {
  bad.forEach(({ kind, id, why }) => console.log(`${kind} ${id}: ${why}`))
  console.log(
    `${counts.seals} seals, ${counts.records} records, signed by key ${counts.key_id}: ${bad.length === 0 ? 'as sealed' : `${bad.length} findings`}`,
  )
}
process.exitCode = verdict.ok ? 0 : 1

async function checkBundle() {
  const logged = log === undefined ? undefined : readLog(log)
  let [publicKey, keyId, isProof, seal, previous, ended] = [null, '', false, null, null, false]
  let hashes = []
  const totals = { seals: 0, records: 0 }
  const closeSeal = () => {
    if (seal === null || isProof) return
    if (hashes.length !== seal.records) report('seal', seal.seal, `it sealed ${seal.records} records, the bundle has ${hashes.length}`)
    else if (hex(root(hashes)) !== seal.root) report('seal', seal.seal, 'its records do not lead to its root')
  }
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const entry = parse(text)
    if (entry === null || ended) report('bundle', file, entry === null ? 'a line is no JSON' : 'something follows the end')
    else if (entry.type === 'bundle') {
      publicKey = createPublicKey({ key: Buffer.from(entry.public_key, 'base64'), format: 'der', type: 'spki' })
      keyId = idOf(publicKey)
      isProof = entry.content === 'proof'
      if (key !== undefined && idOf(createPublicKey(readFileSync(key))) !== keyId) report('bundle', file, `its key is not that of ${key}`)
    } else if (publicKey === null) report('bundle', file, 'it does not begin with its head')
    else if (entry.type === 'seal') {
      closeSeal()
      checkSeal(entry, { publicKey, keyId, previous, isProof })
      if (logged !== undefined && !sameSeal(entry, logged.get(entry.seal))) report('seal', entry.seal, `${log} does not have the same`)
      logged?.delete(entry.seal)
      ;[seal, previous, hashes] = [entry, entry, []]
      totals.seals += 1
    } else if (entry.type === 'record') {
      checkRecord(entry, { seal, place: hashes.length, isProof })
      hashes.push(Buffer.from(entry.hash, 'hex'))
      totals.records += 1
    } else if (entry.type === 'end') {
      ended = true
      closeSeal()
      if (entry.seals !== totals.seals || entry.records !== totals.records) report('bundle', file, 'its end counts other seals or records')
    } else report('bundle', file, `a line of type ${entry.type}`)
  }
  if (!ended) report('bundle', file, 'it has no end: it was cut off')
  if (logged !== undefined && !isProof) for (const number of logged.keys()) report('seal', number, `${log} has it, the bundle does not`)
  return { ...totals, key_id: keyId }
}

function checkSeal(seal, { publicKey, keyId, previous, isProof }) {
  const body = JSON.stringify(Object.fromEntries(sealFields.map((name) => [name, seal[name]])))
  const message = Buffer.concat([Buffer.of(2), Buffer.from(body, 'utf8')])
  if (hex(sha256(message)) !== seal.hash) report('seal', seal.seal, 'its hash is not that of what it says')
  if (seal.key_id !== keyId) report('seal', seal.seal, 'it names another key')
  if (!verify(null, message, publicKey, Buffer.from(seal.signature, 'base64'))) report('seal', seal.seal, 'its signature is not by the key')
  if (isProof || seal.log_ended_at !== null) return // alone, or the first after its owner put something back: it says so itself
  if (seal.seal !== (previous?.seal ?? 0) + 1) report('seal', seal.seal, `it comes after seal ${previous?.seal ?? 'none'}`)
  if (seal.previous !== (previous?.hash ?? zeros)) report('seal', seal.seal, 'it does not follow the seal before it')
}

function checkRecord({ kind, id, content, hash, leaf, path, seal: number }, { seal, place, isProof }) {
  const computed = leafHash(canonical(kind, id, content))
  if (hex(computed) !== hash) report(kind, id, 'it is not what was sealed')
  if (seal === null || number !== seal.seal) report(kind, id, `it is said to be in seal ${number}, and stands elsewhere`)
  else if (!isProof && leaf !== place) report(kind, id, `it is at place ${place} of seal ${number}, was at ${leaf}`)
  else if (
    isProof &&
    hex(
      climb(
        computed,
        leaf,
        seal.records,
        path.map((step) => Buffer.from(step, 'hex')),
      ) ?? Buffer.of(),
    ) !== seal.root
  )
    report(kind, id, `its path does not lead to the root of seal ${number}`)
}

/** 1, then kind, id and content, each as its length in bytes and its UTF-8. */
function canonical(kind, id, content) {
  return Buffer.concat([Buffer.of(1), sized(kind), sized(id), sized(content)])
}

function sized(text) {
  const bytes = Buffer.from(text, 'utf8')
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

// RFC 6962, section 2.1.
function root(hashes) {
  if (hashes.length === 1) return hashes[0]
  const half = largestPowerBelow(hashes.length)
  return nodeHash(root(hashes.slice(0, half)), root(hashes.slice(half)))
}

function climb(leaf, index, size, path) {
  if (size === 1) return path.length === 0 && index === 0 ? leaf : null
  if (path.length === 0) return null
  const [half, other, rest] = [largestPowerBelow(size), path.at(-1), path.slice(0, -1)]
  const own = index < half ? climb(leaf, index, half, rest) : climb(leaf, index - half, size - half, rest)
  if (own === null) return null
  return index < half ? nodeHash(own, other) : nodeHash(other, own)
}

function largestPowerBelow(size) {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}

function leafHash(data) {
  return sha256(Buffer.concat([Buffer.of(0), data]))
}

function nodeHash(left, right) {
  return sha256(Buffer.concat([Buffer.of(1), left, right]))
}

function sha256(data) {
  return createHash('sha256').update(data).digest()
}

function hex(bytes) {
  return bytes.toString('hex')
}

function idOf(publicKey) {
  return hex(sha256(Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url')))
}

function sameSeal(one, other) {
  return other !== undefined && one.hash === other.hash && one.signature === other.signature
}

function readLog(path) {
  const lines = readFileSync(path, 'utf8').split('\n')
  const seals = lines.filter((text) => text !== '').map((text, index) => [index + 1, parse(text)])
  seals.filter(([, seal]) => seal === null).forEach(([line]) => report('seal', `line ${line}`, `this line of ${path} is no seal`))
  return new Map(seals.filter(([, seal]) => seal !== null).map(([, seal]) => [seal.seal, seal]))
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null // the caller reports it
  }
}

function readArguments(words) {
  const options = { asJson: false }
  while (words.length > 0) {
    const word = words.shift()
    if (word === '--json') options.asJson = true
    else if (word === '--key' || word === '--log') options[word.slice(2)] = words.shift()
    else options.file = word
  }
  const missing = [options.file, options.key, options.log].find((path) => path !== undefined && !existsSync(path))
  if (options.file === undefined || missing !== undefined) {
    console.error(
      missing === undefined
        ? 'usage: verify-audit-bundle.mjs BUNDLE [--key seal-key.pub] [--log seals.log] [--json]'
        : `${missing} is not there`,
    )
    process.exit(2)
  }
  return options
}
