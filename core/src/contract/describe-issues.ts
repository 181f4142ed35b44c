import type { z } from 'zod'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** More than these tell nobody more. */
const mostSentences = 8
const longestShown = 60

/**
 * What is wrong with an input, a sentence for each problem: the field, what it must be, and what it was. `input` is what was parsed
 * (with its secrets masked); `nameOf` names a field where that is not its path, as `--run-for` for `runFor`.
 */
export function describeIssues(
  issues: readonly Issue[],
  { input, nameOf = fieldName }: { input: unknown; nameOf?: (path: Path) => string },
): string {
  const sentences = issues.flatMap((issue) => sentencesOf(issue, { input, nameOf }))
  const more = sentences.length - mostSentences
  return [...sentences.slice(0, mostSentences), ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

/** `orders[0].quantity`; the whole input is `the input`. */
export function fieldName(path: Path): string {
  if (path.length === 0) return 'the input'
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${short(String(part))}`)).join('')
}

interface Context {
  readonly input: unknown
  readonly nameOf: (path: Path) => string
}

function sentencesOf(issue: Issue, { input, nameOf }: Context): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${nameOf([...issue.path, key])} is not a field that is known here`)
  const name = nameOf(issue.path)
  const found = valueAt(input, issue.path)
  if (issue.code === 'invalid_union' && ownWords(issue) === undefined) {
    const deeper = likeliestOption(issue.errors)
    if (deeper.some(({ path }) => path.length > 0))
      return deeper.flatMap((each) => sentencesOf({ ...each, path: [...issue.path, ...each.path] }, { input, nameOf }))
  }
  const demand = demandOf(issue)
  if (!demand.startsWith('must')) return [issue.path.length === 0 ? demand : `${name}: ${demand}`]
  if (found === undefined) return [`${name} is missing: it ${demand}`]
  return [`${name} ${demand}, was ${show(found)}`]
}

/** What the schema wants, as `must be ...`; or its own sentence where that is about several fields. */
function demandOf(issue: Issue): string {
  return ownWords(issue) ?? wordsFor(issue)
}

/** Zod's own messages begin with a capital letter, ours never do. */
function ownWords({ message }: Issue): string | undefined {
  return /^[a-z-]/.test(message) ? message : undefined
}

function wordsFor(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kindOf(issue.expected)}`
    case 'invalid_value':
      return `must be ${listed(issue.values.map(String))}`
    case 'invalid_union':
      return `must be ${listed([...new Set(issue.errors.flat().map((each) => demandOf(each).replace(/^must be /, '')))])}`
    case 'too_small':
      return sizeOf(issue, { bound: Number(issue.minimum), most: false })
    case 'too_big':
      return sizeOf(issue, { bound: Number(issue.maximum), most: true })
    case 'invalid_format':
      return formats[issue.format] ?? `must have the form ${issue.pattern ?? issue.format}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_key':
      return 'must have a name that is allowed'
    default:
      return 'must be something else'
  }
}

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be an id such as 3f2b8c1e-9d04-4a7b-8a51-0c6f2e7d9b13',
  url: 'must be an address such as https://host/path',
}

function kindOf(expected: string): string {
  const kinds: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
    null: 'null',
  }
  return kinds[expected] ?? `of type ${expected}`
}

function sizeOf(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>, { bound, most }: { bound: number; most: boolean }): string {
  const { origin, inclusive } = issue
  const number = `must be ${inclusive === false ? (most ? 'less than' : 'more than') : most ? 'at most' : 'at least'} ${bound}`
  if (origin === 'string')
    return !most && bound === 1 ? 'must not be empty' : `must have ${most ? 'at most' : 'at least'} ${bound} characters`
  if (origin === 'array')
    return !most && bound === 1 ? 'must be a list with at least one entry' : `must be a list of ${most ? 'at most' : 'at least'} ${bound}`
  return number
}

/** Of the ways in which a union was tried, the one that got furthest. */
function likeliestOption(options: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]): number => Math.min(...issues.map(({ path }) => path.length))
  return options.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? []
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? 'nothing'
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}

/** The value at a path, by own properties alone. */
function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined),
    input,
  )
}

/** What was found, short enough for a sentence. JSON has no infinite number: what reads as one was too large. */
function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (value === Infinity || value === -Infinity) return 'a number too large to be one'
  return typeof value === 'string' ? JSON.stringify(short(value)) : String(value)
}

function short(text: string): string {
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text
}
