import type { FieldProblem, PreferencesPatch } from '../contract/agent-messages.ts'
import { describeIssues } from '../contract/describe-issues.ts'
import { preferences, type Preferences } from '../contract/preferences.ts'
import { parseScrapePercentage } from '../portfolio/profit-scraping.ts'

export type PreferencesChange =
  | { readonly ok: true; readonly change: Partial<Preferences> }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

type Reading = { readonly value: unknown } | { readonly problem: string }

/**
 * What a user asks to change, in the contract's terms. Words are read in any case, `moderate` risk as medium, and a scrape
 * percentage as parseScrapePercentage does. One wrong value refuses the whole change, and each wrong value gets its reason.
 */
export function parsePreferencesChange(patch: PreferencesPatch): PreferencesChange {
  const problems: FieldProblem[] = []
  const values: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(patch)) {
    const reading = readPreference(field, value)
    if ('problem' in reading) problems.push({ field, problem: reading.problem })
    else values[field] = reading.value
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, change: withoutUndefined(preferences.partial().parse(values)) }
}

/** Names of the preferences that have another value than in `before`. */
export function changedPreferences(before: Preferences, change: Partial<Preferences>): string[] {
  return preferences.keyof().options.filter((name) => change[name] !== undefined && change[name] !== before[name])
}

function readPreference(field: string, value: unknown): Reading {
  const name = preferences.keyof().safeParse(field)
  if (!name.success) return { problem: `is no preference; there are ${preferences.keyof().options.join(', ')}` }
  if (name.data === 'profit_scraping_percentage') return readScrapePercentage(value)
  const meant = typeof value === 'string' ? asWord(name.data, value) : value
  const parsed = preferences.shape[name.data].safeParse(meant)
  if (parsed.success) return { value: parsed.data }
  return { problem: describeIssues(parsed.error.issues, { input: value, nameOf: () => '' }).trim() }
}

function readScrapePercentage(value: unknown): Reading {
  if (typeof value !== 'string' && typeof value !== 'number')
    return { problem: `must be a number or a text such as "20%", was ${JSON.stringify(value)}` }
  const parsed = parseScrapePercentage(value)
  return parsed.ok ? { value: parsed.percentage } : { problem: parsed.detail }
}

function asWord(name: keyof Preferences, text: string): string {
  const word = text.trim().toLowerCase()
  return name === 'risk_tolerance' && word === 'moderate' ? 'medium' : word
}

/** zod's partial() allows a present undefined; ours are never there. */
function withoutUndefined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  // The filter took out exactly the values that the result's type excludes.
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never
}
