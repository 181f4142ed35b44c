import { fieldName } from '@trader/core/contract/describe-issues'
import { duplicateName } from './duplicate-name.ts'

/** JSON text of somebody else's: its value, or what is wrong with it and where. `value` is there where it was JSON all the same. */
export type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string; readonly value?: unknown }

/** Names that would reach an object's prototype where code copies carelessly. */
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype'])
/** Deeper than anything we take; what follows such a value by recursion would run out of stack. */
const deepest = 64

export function readJson(text: string): ReadJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { ok: false, problem: syntaxProblem(text, error) }
  }
  const problem = (isPlain(text) ? undefined : problemInside(value)) ?? twice(duplicateName(text))
  return problem === undefined ? { ok: true, value } : { ok: false, problem, value }
}

type Path = readonly PropertyKey[]

/** True where a look at the text alone tells that no name is forbidden and nothing is nested too deep, as it mostly does. */
function isPlain(text: string): boolean {
  return !/__proto__|constructor|prototype|\\u/.test(text) && text.split('{', deepest).length + text.split('[', deepest).length < deepest
}

function twice(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${fieldName([name])} is given twice`
}

function problemInside(value: unknown): string | undefined {
  return findInside(value, (_, path) => {
    const name = path.at(-1)
    if (path.length > deepest) return `the input is nested more than ${deepest} deep`
    return typeof name === 'string' && forbiddenNames.has(name) ? `${fieldName(path)} is not allowed as the name of a field` : undefined
  })
}

/** The first number that JSON.parse took for infinite, such as 1e309; written as JSON again it would silently become null. */
export function tooLargeNumber(value: unknown): string | undefined {
  return findInside(value, (each, path) =>
    each === Infinity || each === -Infinity ? `${fieldName(path)} is a number too large to be one` : undefined,
  )
}

/** Looks at every value, level by level, until `look` answers something. */
function findInside<Found>(root: unknown, look: (value: unknown, path: Path) => Found | undefined): Found | undefined {
  let level: { value: unknown; path: Path }[] = [{ value: root, path: [] }]
  while (level.length > 0) {
    for (const { value, path } of level) {
      const found = look(value, path)
      if (found !== undefined) return found
    }
    level = level.flatMap(({ value, path }) => childrenOf(value).map(([name, child]) => ({ value: child, path: [...path, name] })))
  }
  return undefined
}

function childrenOf(value: unknown): (readonly [PropertyKey, unknown])[] {
  if (Array.isArray(value)) return value.map((child, index) => [index, child] as const)
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

/** `NaN is not a number in JSON`, or where the text stops being JSON. */
function syntaxProblem(text: string, error: unknown): string {
  const outsideTexts = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
  const [number] = /-?\b(NaN|Infinity)\b/.exec(outsideTexts) ?? []
  if (number !== undefined) return `${number} is not a number that JSON has`
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
  return `not JSON${position === undefined ? '' : `, from character ${Number(position) + 1} on`}`
}
