import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { temporalVersion, type ObtainTemporal } from './temporal-build.ts'

const giveUpMs = 20_000
const megabyte = 1024 * 1024

/** Downloads Temporal's own archive and unpacks the program to `target`. Gives up after 20 s without a byte. */
export async function downloadTemporal({ target, say, signal }: ObtainTemporal): Promise<void> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const url = `https://temporal.download/cli/archive/v${temporalVersion}?platform=${platform}&arch=${arch}`
  const silence = new AbortController()
  const giveUp = (): void => silence.abort(new Error(`no answer for ${giveUpMs / 1000} s`))
  let timer = setTimeout(giveUp, giveUpMs)
  const archive = `${target}.tar.gz`
  const end = AbortSignal.any([signal, silence.signal])
  try {
    const response = await fetch(url, { signal: end })
    if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`)
    const total = Number(response.headers.get('content-length') ?? 0)
    say(`downloading Temporal ${temporalVersion}${total > 0 ? `, ${Math.round(total / megabyte)} MB` : ''}`)
    let received = 0
    let told = 0
    const watch = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        clearTimeout(timer)
        timer = setTimeout(giveUp, giveUpMs)
        received += chunk.length
        if (received - told >= 10 * megabyte) {
          told = received
          say(`downloading Temporal: ${Math.round(received / megabyte)} MB`)
        }
        done(null, chunk)
      },
    })
    await pipeline(Readable.fromWeb(response.body), watch, createWriteStream(archive), { signal: end })
  } finally {
    clearTimeout(timer)
  }
  await promisify(execFile)('tar', ['-xzf', archive, '-C', dirname(target), 'temporal'])
  await rm(archive)
  await chmod(target, 0o755)
}
