import { readFileSync, writeFileSync } from 'node:fs'
import type { SealedWorld } from '../journal.ts'
import { NoTamper, numbers, pickOf, type Dice, type Tamper } from './draw.ts'

/** The file outside Postgres: bytes changed, lines removed, cut off, repeated, swapped or forged, or all of it gone. */
export function tamperLog({ files }: SealedWorld, dice: Dice): Tamper {
  const lines = readFileSync(files.sealLog, 'utf8').trimEnd().split('\n')
  const at = Math.floor(dice() * lines.length)
  const act = pickOf(dice, ['byte', 'byte', 'byte', 'remove', 'cut', 'half', 'repeat', 'swap', 'empty', 'forge'] as const)
  const sealAt = (index: number): string => `seal ${index + 1}`
  const written = (changed: readonly string[], places: readonly string[], end = '\n'): Tamper => {
    const sealLog = `${files.root}/tampered.log`
    writeFileSync(sealLog, changed.length === 0 ? '' : `${changed.join('\n')}${end}`)
    return {
      label: `${act} seal log`,
      what: `${act} line ${at + 1} of the seal log`,
      places,
      mustAll: act !== 'byte' && act !== 'half',
      sealLog,
    }
  }
  const line = lines[at] ?? ''
  if (act === 'byte') return written(lines.with(at, otherByte(line, dice)), [sealAt(at), `seal line ${at + 1}`])
  if (act === 'remove') return written(lines.toSpliced(at, 1), [sealAt(at)])
  if (act === 'cut')
    return written(
      lines.slice(0, at),
      numbers(at + 1, lines.length).map((seal) => `seal ${seal}`),
    )
  if (act === 'half')
    return written([...lines.slice(0, at), line.slice(0, -1 - Math.floor(dice() * 50))], [sealAt(at), `seal line ${at + 1}`], '')
  if (act === 'repeat') return written(lines.toSpliced(at, 0, line), [sealAt(at)])
  if (act === 'empty')
    return written(
      [],
      numbers(1, lines.length).map((seal) => `seal ${seal}`),
    )
  if (act === 'forge') return written([...lines, line.replace(/"seal":\d+/, `"seal":${lines.length + 1}`)], [sealAt(lines.length)])
  const other = (at + 1) % lines.length
  if (other === at) throw new NoTamper('there is one line')
  const [low, high] = [Math.min(at, other), Math.max(at, other)]
  return written(lines.with(low, lines[high] ?? '').with(high, lines[low] ?? ''), [sealAt(low)])
}

function otherByte(line: string, dice: Dice): string {
  const at = Math.floor(dice() * line.length)
  const byte = String.fromCharCode(33 + Math.floor(dice() * 94))
  if (byte === line[at]) throw new NoTamper('the same byte')
  return line.slice(0, at) + byte + line.slice(at + 1)
}
