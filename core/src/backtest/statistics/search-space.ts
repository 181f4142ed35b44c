import { seededRandom } from '../../market/seeded-random.ts'

export type ParameterValue = number | boolean | string
export type Trial = Readonly<Record<string, ParameterValue>>

/** What a parameter may be: a list, even steps (both ends included where a step meets them), or drawn between two ends. */
export type SearchRange =
  | { readonly type: 'values'; readonly values: readonly ParameterValue[] }
  | { readonly type: 'steps'; readonly from: number; readonly to: number; readonly step: number }
  | { readonly type: 'between'; readonly from: number; readonly to: number; readonly scale: 'linear' | 'log'; readonly isWhole: boolean }

export type SearchSpace = Readonly<Record<string, SearchRange>>

/** The trials of a search; how many there are is what the deflated Sharpe ratio must be told. */
export type Search =
  | { readonly ok: true; readonly trials: readonly Trial[] }
  | { readonly ok: false; readonly reason: 'INVALID_SEARCH' | 'TOO_MANY_TRIALS'; readonly detail: string }

/** Every combination of lists and steps, the last parameter changing fastest. Refused above `most`. */
export function gridTrials(space: SearchSpace, { most }: { readonly most: number }): Search {
  const axes: Axis[] = []
  let count = 1
  for (const [name, range] of Object.entries(space)) {
    if (range.type === 'between') return invalid(name, 'a grid needs values or steps')
    const problem = problemOf(range)
    if (problem !== null) return invalid(name, problem)
    count *= sizeOf(range)
    if (count > most) return { ok: false, reason: 'TOO_MANY_TRIALS', detail: `the grid has more than ${most} combinations` }
    axes.push({ name, values: valuesOf(range) })
  }
  return { ok: true, trials: Array.from({ length: count }, (_, index) => combination(axes, index)) }
}

/** `count` combinations drawn by the seed. One that was drawn before is not tried again, so a small space gives fewer. */
export function randomTrials(space: SearchSpace, { count, seed }: { readonly count: number; readonly seed: number }): Search {
  for (const [name, range] of Object.entries(space)) {
    const problem = problemOf(range)
    if (problem !== null) return invalid(name, problem)
  }
  const random = seededRandom(seed, 'parameter-search')
  const trials = new Map<string, Trial>()
  // A space that is nearly used up would be drawn from forever.
  for (let draw = 0; trials.size < count && draw < count * 20; draw += 1) {
    const drawn = Object.entries(space).map(([name, range], index): [string, ParameterValue] => [
      name,
      pick(range, random.uniform(draw, index)),
    ])
    const key = JSON.stringify(drawn)
    if (!trials.has(key)) trials.set(key, Object.fromEntries(drawn))
  }
  return { ok: true, trials: [...trials.values()] }
}

interface Axis {
  readonly name: string
  readonly values: readonly ParameterValue[]
}

/** Combination number `index`, the last axis changing fastest. */
function combination(axes: readonly Axis[], index: number): Trial {
  const trial: Record<string, ParameterValue> = {}
  let block = axes.reduce((count, { values }) => count * values.length, 1)
  for (const { name, values } of axes) {
    block /= values.length
    trial[name] = values[Math.floor(index / block) % values.length] ?? 0
  }
  return trial
}

function problemOf(range: SearchRange): string | null {
  if (range.type === 'values') return range.values.length === 0 ? 'no value given' : null
  const { from, to } = range
  if (!(Number.isFinite(from) && Number.isFinite(to) && from <= to)) return `must go up from one number to another, was ${from} to ${to}`
  if (range.type === 'steps') return range.step > 0 && Number.isFinite(range.step) ? null : `step must be positive, was ${range.step}`
  if (range.scale === 'log' && from <= 0) return `must be positive on a log scale, was ${from}`
  return range.isWhole && Math.ceil(from) > Math.floor(to) ? `no whole number lies between ${from} and ${to}` : null
}

function invalid(name: string, problem: string): Search {
  return { ok: false, reason: 'INVALID_SEARCH', detail: `parameter ${name}: ${problem}` }
}

type Listed = Exclude<SearchRange, { readonly type: 'between' }>

function sizeOf(range: Listed): number {
  // 0.3 / 0.1 is 2.9999999999999996: a step that misses the end by rounding meets it.
  return range.type === 'values' ? range.values.length : Math.floor((range.to - range.from) / range.step + 1e-9) + 1
}

function valueAt(range: Listed, index: number): ParameterValue {
  // Twelve digits: 0.1 + 2 x 0.1 is 0.3.
  return range.type === 'values' ? (range.values[index] ?? 0) : Number((range.from + index * range.step).toPrecision(12))
}

function valuesOf(range: Listed): ParameterValue[] {
  return Array.from({ length: sizeOf(range) }, (_, index) => valueAt(range, index))
}

/** The value at a place from 0 to 1 of the range. */
function pick(range: SearchRange, place: number): ParameterValue {
  if (range.type !== 'between') return valueAt(range, Math.floor(place * sizeOf(range)))
  const { from, to, scale, isWhole } = range
  // A whole number stands for the half on each side of it, so that the ends are as likely as the rest.
  const [low, high] = isWhole && scale === 'linear' ? [Math.ceil(from) - 0.5, Math.floor(to) + 0.5] : [from, to]
  const value = scale === 'log' ? low * (high / low) ** place : low + (high - low) * place
  const within = isWhole ? Math.min(Math.floor(to), Math.max(Math.ceil(from), Math.round(value))) : value
  return Math.min(to, Math.max(from, within))
}
